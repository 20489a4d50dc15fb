// SPDX-License-Identifier: Apache-2.0
// emu/report/routes_report.hpp — effective routes as text and as Azure's JSON.
#pragma once

#include <string>
#include <vector>

#include "emu/semantics/effective_routes.hpp"

namespace emu {

/// The columns of `az network nic show-effective-route-table -o table` (ER-4). NEXT HOP names the remote network of a peering; a
/// user-defined route ends in its table and its name: `via-nva/out`.
std::string routes_table(const std::vector<EffectiveRoute>& routes);

/// The answer of Azure's `effectiveRouteTable`, indented.
std::string routes_json(const std::vector<EffectiveRoute>& routes);

}  // namespace emu
