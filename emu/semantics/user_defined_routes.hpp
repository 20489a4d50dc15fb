// SPDX-License-Identifier: Apache-2.0
// emu/semantics/user_defined_routes.hpp — what a subnet's route table adds to its effective routes, and takes away.
#pragma once

#include <vector>

#include "emu/semantics/effective_routes.hpp"

namespace emu {

/// Adds a row for each route of the subnet's table (UDR-5). Those for prefixes come first and a wide tag comes last, so that of
/// two rows for one prefix the first is the one that counts (UDR-15).
void add_user_defined_routes(std::vector<EffectiveRoute>& routes, const Model& model, const Subnet& subnet);

/// UDR-6: takes away what a gateway brought, when the subnet's table says so.
void apply_route_propagation(std::vector<EffectiveRoute>& routes, const Model& model, const Subnet& subnet);

}  // namespace emu
