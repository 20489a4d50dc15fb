// SPDX-License-Identifier: Apache-2.0
// emu/report/next_hop_report.hpp — where a packet goes first, as text and as Azure's JSON (NW-1).
#pragma once

#include <string>
#include <string_view>

#include "emu/semantics/effective_routes.hpp"

namespace emu {

/// Next hop type, next hop and the route's table, a line each. `route` is nullptr when no route leads there.
/// @param peering  the words of a peering that would lead there if it were Connected (idle_peering_to); empty: there is none
std::string next_hop_text(const EffectiveRoute* route, std::string_view peering = {});

/// The answer of Azure's `nextHop`, indented.
std::string next_hop_json(const Model& model, const EffectiveRoute* route);

}  // namespace emu
