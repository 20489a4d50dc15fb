// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/route_precedence.hpp"

#include <algorithm>

namespace emu {
namespace {

constexpr int kOfNetwork = 2;

int rank(const EffectiveRoute& route) {
  if (route.next_hop_type == NextHopType::VirtualNetworkServiceEndpoint) return 4;
  switch (route.source) {
    case RouteSource::User: return 3;
    case RouteSource::VirtualNetworkGateway: return 1;
    case RouteSource::Default: break;
  }
  switch (route.next_hop_type) {
    case NextHopType::VnetLocal:
    case NextHopType::VNetPeering:
    case NextHopType::VNetGlobalPeering: return kOfNetwork;
    default: return 0;
  }
}

/// SEL-3: the prefixes of the networks themselves, inside of which no route of a gateway counts, however long its own is.
std::vector<Ipv4Prefix> network_prefixes(const std::vector<EffectiveRoute>& routes) {
  std::vector<Ipv4Prefix> prefixes;
  for (const auto& route : routes)
    if (rank(route) == kOfNetwork) prefixes.insert(prefixes.end(), route.address_prefix.begin(), route.address_prefix.end());
  return prefixes;
}

}  // namespace

std::map<Ipv4Prefix, const EffectiveRoute*> routes_in_force(const std::vector<EffectiveRoute>& routes) {
  const auto networks = network_prefixes(routes);
  const auto in_a_network = [&](const Ipv4Prefix& prefix) {
    return std::ranges::any_of(networks, [&](const Ipv4Prefix& network) { return network.contains(prefix); });
  };
  std::map<Ipv4Prefix, const EffectiveRoute*> best;
  for (const auto& route : routes) {
    for (const auto& prefix : route.address_prefix) {
      if (route.source == RouteSource::VirtualNetworkGateway && in_a_network(prefix)) continue;
      const auto [known, first] = best.emplace(prefix, &route);
      if (!first && rank(route) > rank(*known->second)) known->second = &route;
    }
  }
  return best;
}

void mark_precedence(std::vector<EffectiveRoute>& routes) {
  const auto best = routes_in_force(routes);
  for (auto& route : routes) {
    const bool counts = std::ranges::any_of(route.address_prefix, [&](const Ipv4Prefix& prefix) {
      const auto found = best.find(prefix);
      return found != best.end() && found->second == &route;
    });
    route.state = counts ? RouteState::Active : RouteState::Invalid;
  }
}

}  // namespace emu
