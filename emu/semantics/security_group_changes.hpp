// SPDX-License-Identifier: Apache-2.0
// emu/semantics/security_group_changes.hpp — security groups and rules that come, go or change, and the SKU of public addresses.
#pragma once

#include <vector>

#include "emu/model/model.hpp"
#include "emu/semantics/changes.hpp"

namespace emu {

/// Pure.
std::vector<Change> security_group_changes(const Model& before, const Model& after);

}  // namespace emu
