// SPDX-License-Identifier: Apache-2.0
// emu/semantics/service_addresses.hpp — the public address of each emulated service.
#pragma once

#include "emu/model/model.hpp"

namespace emu {

/// Gives every service of `model` an address out of the range that its service tag stands for (TAG-5): the one it has in `previous`, the
/// running lab or nullptr, otherwise the lowest free one. A service that is removed and added again may get another.
void give_service_addresses(Model& model, const Model* previous);

}  // namespace emu
