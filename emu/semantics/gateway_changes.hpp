// SPDX-License-Identifier: Apache-2.0
// emu/semantics/gateway_changes.hpp — what a new lab file changes in site-to-site VPNs.
#pragma once

#include <vector>

#include "emu/semantics/changes.hpp"

namespace emu {

/// The part of `changes` that is about gateways, what they know of sites, connections, and the sites with their hosts. A key that
/// changes is said to have changed, and never shown.
std::vector<Change> gateway_changes(const Model& before, const Model& after);

}  // namespace emu
