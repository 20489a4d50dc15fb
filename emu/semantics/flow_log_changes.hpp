// SPDX-License-Identifier: Apache-2.0
// emu/semantics/flow_log_changes.hpp — what becomes of flow logs between two models.
#pragma once

#include <vector>

#include "emu/semantics/changes.hpp"

namespace emu {

/// Those that come, go or change, in the order of `after`; those that are gone follow. Pure.
std::vector<Change> flow_log_changes(const Model& before, const Model& after);

}  // namespace emu
