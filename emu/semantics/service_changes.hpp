// SPDX-License-Identifier: Apache-2.0
// emu/semantics/service_changes.hpp — storage accounts and other services that come, go or change.
#pragma once

#include <vector>

#include "emu/model/model.hpp"
#include "emu/semantics/changes.hpp"

namespace emu {

/// Pure.
std::vector<Change> service_changes(const Model& before, const Model& after);

}  // namespace emu
