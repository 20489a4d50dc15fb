// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/route_changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "emu/model/wording.hpp"
#include "emu/semantics/effective_routes.hpp"

namespace emu {
namespace {

using Kind = Change::Kind;
using Routes = std::vector<EffectiveRoute>;

bool is_peering(const EffectiveRoute& route) {
  return route.next_hop_type == NextHopType::VNetPeering || route.next_hop_type == NextHopType::VNetGlobalPeering;
}

/// Whatever its state.
bool same_route(const EffectiveRoute& a, const EffectiveRoute& b) {
  return a.name == b.name && a.source == b.source && a.address_prefix == b.address_prefix && a.next_hop_type == b.next_hop_type &&
         a.next_hop_ip_address == b.next_hop_ip_address && same_name(a.remote_virtual_network, b.remote_virtual_network);
}

std::string text(const EffectiveRoute& route) {
  const auto what = "route " + joined(route.address_prefix);
  if (!route.next_hop_ip_address.empty()) return fmt::format("{} via {}", what, to_string(route.next_hop_ip_address.front()));
  if (is_peering(route)) return fmt::format("{} {} {}", what, to_string(route.next_hop_type), route.remote_virtual_network);
  return fmt::format("{} {}", what, to_string(route.next_hop_type));
}

std::string_view kind_of(const EffectiveRoute& route) {
  switch (route.source) {
    case RouteSource::User: return "a user-defined route";
    case RouteSource::VirtualNetworkGateway: return "a gateway's route";
    case RouteSource::Default: break;
  }
  return is_peering(route) ? "a peering's route" : "a system route";
}

/// The routes that count in `ours` and not in `theirs`.
std::vector<const EffectiveRoute*> only_in(const Routes& ours, const Routes& theirs) {
  std::vector<const EffectiveRoute*> out;
  for (const auto& route : ours) {
    if (route.state != RouteState::Active) continue;
    const bool known =
        std::ranges::any_of(theirs, [&](const auto& other) { return other.state == RouteState::Active && same_route(other, route); });
    if (!known) out.push_back(&route);
  }
  return out;
}

/// The route that counts instead of `route` in `routes`, which list it as Invalid; nullptr when they do not list it.
const EffectiveRoute* override_of(const EffectiveRoute& route, const Routes& routes) {
  if (std::ranges::none_of(routes, [&](const auto& other) { return same_route(other, route); })) return nullptr;
  const auto counts_instead = [&](const EffectiveRoute& other) {
    const auto& prefixes = other.address_prefix;
    return other.state == RouteState::Active && std::ranges::find(prefixes, route.address_prefix.front()) != prefixes.end();
  };
  const auto found = std::ranges::find_if(routes, counts_instead);
  return found == routes.end() ? nullptr : &*found;
}

std::string reason_of_peering_route(Kind kind, const std::string& remote, const VirtualNetwork& before, const VirtualNetwork& after) {
  const auto connected = [](const VirtualNetworkPeering* link) {
    return link != nullptr && link->peering_state == PeeringState::Connected;
  };
  const auto* was = find_peering_to(before, remote);
  const auto* is = find_peering_to(after, remote);
  if (is == nullptr) return fmt::format("no peering to '{}' any more", remote);
  if (connected(was) != connected(is)) return fmt::format("'{}' is {}", is->name, to_string(is->peering_state));
  if (was == nullptr || was->remote_address_space == is->remote_address_space) return "another location";
  return fmt::format("{} the address space of '{}'", kind == Kind::Create ? "new in" : "no longer in", remote);
}

std::string reason_of(Kind kind, const EffectiveRoute& route, const VirtualNetwork& before, const VirtualNetwork& after) {
  if (is_peering(route)) return reason_of_peering_route(kind, route.remote_virtual_network, before, after);
  if (route.source == RouteSource::VirtualNetworkGateway)
    return kind == Kind::Create ? "behind a connection of the gateway" : "no longer behind a connection of the gateway";
  if (route.source != RouteSource::Default) return "";
  switch (route.next_hop_type) {
    case NextHopType::VnetLocal:
      return fmt::format("{} the address space of '{}'", kind == Kind::Create ? "new in" : "no longer in", after.name);
    case NextHopType::None:  // RT-4
      return fmt::format("{} a block of '{}'", kind == Kind::Create ? "no longer inside" : "now inside", after.name);
    default: return "";
  }
}

}  // namespace

std::vector<RouteChange> route_changes(const SubnetMoment& before, const SubnetMoment& after) {
  const auto routes_before = effective_routes(before.model, before.network, before.subnet);
  const auto routes_after = effective_routes(after.model, after.network, after.subnet);
  std::vector<RouteChange> out;
  const auto add = [&](Kind kind, const Routes& ours, const Routes& theirs) {
    for (const auto* route : only_in(ours, theirs)) {
      const auto* winner = override_of(*route, theirs);
      const auto why = winner == nullptr
                           ? reason_of(kind, *route, before.network, after.network)
                           : fmt::format("{} by {}", kind == Kind::Create ? "no longer replaced" : "replaced", kind_of(*winner));
      const auto& cause = winner == nullptr ? *route : *winner;
      out.push_back({{kind, text(*route), why}, cause.remote_virtual_network, cause.source == RouteSource::VirtualNetworkGateway});
    }
  };
  add(Kind::Delete, routes_before, routes_after);
  add(Kind::Create, routes_after, routes_before);
  return out;
}

}  // namespace emu
