// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/next_hop.hpp"

#include "emu/semantics/route_precedence.hpp"

namespace emu {

const EffectiveRoute* route_to(const std::vector<EffectiveRoute>& routes, Ipv4Address destination) {
  const EffectiveRoute* best = nullptr;
  int length = -1;
  for (const auto& [prefix, route] : routes_in_force(routes)) {
    if (prefix.length <= length || !prefix.contains(destination)) continue;
    best = route;
    length = prefix.length;
  }
  return best;
}

std::vector<EffectiveRoute> effective_routes(const Model& model, const VirtualMachine& machine) {
  const auto& network = *find_virtual_network(model, machine.subnet.virtual_network);
  return effective_routes(model, network, *find_subnet(network, machine.subnet.subnet));
}

}  // namespace emu
