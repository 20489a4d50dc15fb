// SPDX-License-Identifier: Apache-2.0
// emu/semantics/route_table_changes.hpp — route tables that come, go or change; what that does to a subnet's routes is listed there.
#pragma once

#include <vector>

#include "emu/model/model.hpp"
#include "emu/semantics/changes.hpp"

namespace emu {

/// Pure.
std::vector<Change> route_table_changes(const Model& before, const Model& after);

}  // namespace emu
