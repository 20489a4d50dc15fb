// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/route_precedence.hpp"

#include <algorithm>

namespace emu {
namespace {

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
    case NextHopType::VNetGlobalPeering: return 2;
    default: return 0;
  }
}

}  // namespace

std::map<Ipv4Prefix, const EffectiveRoute*> routes_in_force(const std::vector<EffectiveRoute>& routes) {
  std::map<Ipv4Prefix, const EffectiveRoute*> best;
  for (const auto& route : routes) {
    for (const auto& prefix : route.address_prefix) {
      const auto [known, first] = best.emplace(prefix, &route);
      if (!first && rank(route) > rank(*known->second)) known->second = &route;
    }
  }
  return best;
}

void mark_precedence(std::vector<EffectiveRoute>& routes) {
  const auto best = routes_in_force(routes);
  for (auto& route : routes) {
    const bool counts = std::ranges::any_of(route.address_prefix, [&](const Ipv4Prefix& prefix) { return best.at(prefix) == &route; });
    route.state = counts ? RouteState::Active : RouteState::Invalid;
  }
}

}  // namespace emu
