// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/effective_routes.hpp"

#include <algorithm>
#include <array>

#include "emu/model/gateway_lookup.hpp"
#include "emu/model/service_lookup.hpp"
#include "emu/semantics/addresses.hpp"
#include "emu/semantics/route_precedence.hpp"
#include "emu/semantics/user_defined_routes.hpp"

namespace emu {
namespace {

using Routes = std::vector<EffectiveRoute>;

EffectiveRoute system_route(const Ipv4Prefix& prefix, NextHopType type) {
  EffectiveRoute route;
  route.address_prefix = {prefix};
  route.next_hop_type = type;
  return route;
}

/// RT-1: a route per address block, none per subnet (SUB-15).
void add_virtual_network_routes(Routes& routes, const VirtualNetwork& network) {
  for (const auto& block : network.address_space) routes.push_back(system_route(block, NextHopType::VnetLocal));
}

/// RT-6, PEER-29: a route per remote block; only a Connected link has any (PEER-4), whatever it lets through (PEER-16).
void add_peering_routes(Routes& routes, const Model& model, const VirtualNetwork& network) {
  for (const auto& link : network.peerings) {
    const auto* remote = find_virtual_network(model, link.remote_virtual_network);
    if (link.peering_state != PeeringState::Connected || remote == nullptr) continue;
    const bool one_region = same_name(network.location, remote->location);  // PEER-27
    for (const auto& block : link.remote_address_space) {
      routes.push_back(system_route(block, one_region ? NextHopType::VNetPeering : NextHopType::VNetGlobalPeering));
      routes.back().remote_virtual_network = remote->name;
    }
  }
}

/// RT-7, PEER-19, VPN-22: a route per prefix behind a connection, in every subnet of the networks that the gateway serves.
void add_gateway_routes(Routes& routes, const Model& model, const VirtualNetwork& network) {
  const auto* gateway = gateway_for(model, network);
  if (gateway == nullptr) return;
  for (const auto* connection : connections_of(model, *gateway)) {
    for (const auto& prefix : remote_prefixes_of(model, *connection)) {
      routes.push_back(system_route(prefix, NextHopType::VirtualNetworkGateway));
      routes.back().source = RouteSource::VirtualNetworkGateway;
      if (gateway->private_ip_address) routes.back().next_hop_ip_address = {*gateway->private_ip_address};
    }
  }
}

/// RT-8, SE-6, SE-11: one route for all services that the subnet's endpoints are for.
void add_service_endpoint_route(Routes& routes, const Model& model, const VirtualNetwork& network, const Subnet& subnet) {
  EffectiveRoute route;
  route.next_hop_type = NextHopType::VirtualNetworkServiceEndpoint;
  for (const auto* service : services_of(model)) {
    if (service->address && has_endpoint_for(network, subnet, *service)) route.address_prefix.push_back({*service->address, 32});
  }
  std::ranges::sort(route.address_prefix);
  if (!route.address_prefix.empty()) routes.push_back(std::move(route));
}

/// RT-2.
void add_internet_route(Routes& routes) { routes.push_back(system_route(Ipv4Prefix{{}, 0}, NextHopType::Internet)); }

/// RT-3, RT-4: private ranges that are nobody's are dropped. A block that holds a whole range takes its place.
void add_private_range_routes(Routes& routes, const VirtualNetwork& network) {
  for (const auto& range : kPrivateRanges) {
    if (std::ranges::none_of(network.address_space, [&](const Ipv4Prefix& block) { return block.contains(range); }))
      routes.push_back(system_route(range, NextHopType::None));
  }
}

}  // namespace

std::string_view to_string(RouteSource source) {
  switch (source) {
    case RouteSource::Default: return "Default";
    case RouteSource::User: return "User";
    case RouteSource::VirtualNetworkGateway: return "VirtualNetworkGateway";
  }
  return "";
}

std::string_view to_string(RouteState state) {
  switch (state) {
    case RouteState::Active: return "Active";
    case RouteState::Invalid: return "Invalid";
  }
  return "";
}

std::vector<EffectiveRoute> effective_routes(const Model& model, const VirtualNetwork& network, const Subnet& subnet) {
  Routes routes;
  add_virtual_network_routes(routes, network);
  add_peering_routes(routes, model, network);
  add_gateway_routes(routes, model, network);
  add_user_defined_routes(routes, model, subnet);
  add_internet_route(routes);
  add_private_range_routes(routes, network);
  add_service_endpoint_route(routes, model, network, subnet);
  apply_route_propagation(routes, model, subnet);
  mark_precedence(routes);
  return routes;
}

}  // namespace emu
