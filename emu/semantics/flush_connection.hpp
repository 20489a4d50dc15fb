// SPDX-License-Identifier: Apache-2.0
// emu/semantics/flush_connection.hpp — whose known flows a change of security rules is for as well (NSG-12).
#pragma once

#include <vector>

#include "emu/model/model.hpp"

namespace emu {

/// The machines of `after` that have a group with `flush_connection` whose effective rules are not what they were, or which they did not
/// have. That the flag itself changed is no change of rules. Both models must be resolved. Pure.
std::vector<const VirtualMachine*> machines_to_flush(const Model& before, const Model& after);

}  // namespace emu
