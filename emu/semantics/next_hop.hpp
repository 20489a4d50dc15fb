// SPDX-License-Identifier: Apache-2.0
// emu/semantics/next_hop.hpp — where a machine's packet goes first (NW-1).
#pragma once

#include <vector>

#include "emu/semantics/effective_routes.hpp"

namespace emu {

/// The route that a packet to `destination` takes: of those that count, the one with the longest prefix (SEL-1). nullptr when
/// there is none. Pure.
const EffectiveRoute* route_to(const std::vector<EffectiveRoute>& routes, Ipv4Address destination);

/// The effective routes of a machine's subnet. The model must be resolved.
std::vector<EffectiveRoute> effective_routes(const Model& model, const VirtualMachine& machine);

}  // namespace emu
