// SPDX-License-Identifier: Apache-2.0
// emu/lab/flushed_flows.hpp — has security rules that changed judge the flows that are known (NSG-12).
#pragma once

#include "emu/model/model.hpp"

namespace emu {

/// When the rules of `after` are in force: has the flows of `machines_to_flush` judged again. Connection tracking does not tell which flows
/// an appliance passes on, so for one of those it is all flows of its network. What it passes on is judged on its way to the appliance; it
/// is known again when it comes back from there.
/// @throws netns::KernelError
void flush_flows(const Model& before, const Model& after);

}  // namespace emu
