// SPDX-License-Identifier: Apache-2.0
// emu/semantics/route_precedence.hpp — which of several routes to one prefix counts (SEL-2..5).
#pragma once

#include <map>
#include <vector>

#include "emu/semantics/effective_routes.hpp"

namespace emu {

/// Sets the state of every route: for each prefix one route is Active and the others are Invalid.
///
///   service endpoint     nothing overrides it (SEL-4)
///   user-defined         SEL-2, SEL-5
///   VNet, peering        they beat a gateway's routes, those of a longer prefix too (SEL-3)
///   gateway
///   other system routes  Internet, None
///
/// Of two routes of one rank the one listed first counts. A route of several prefixes is Active while it counts for one of them.
void mark_precedence(std::vector<EffectiveRoute>& routes);

/// For each prefix the route that counts, if one does; they point into `routes`.
std::map<Ipv4Prefix, const EffectiveRoute*> routes_in_force(const std::vector<EffectiveRoute>& routes);

}  // namespace emu
