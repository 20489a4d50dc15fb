// SPDX-License-Identifier: Apache-2.0
// emu/semantics/effective_routes.hpp — the routes that a subnet's packets obey (azure-semantics 4).
//
// Theory of operation. Azure computes one list per subnet from every source; longest prefix wins, then User before gateway
// before Default (SEL-1, SEL-2). The losers stay in the list as Invalid. The same list is what `lazuli routes` prints and
// what `fabric` turns into a routing table, so what is shown is what forwards.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emu/model/model.hpp"

namespace emu {

/// ER-1.
enum class RouteSource { Default, User, VirtualNetworkGateway };
enum class RouteState { Active, Invalid };

struct EffectiveRoute {
  std::optional<std::string> name;  ///< of a user-defined route
  RouteSource source = RouteSource::Default;
  RouteState state = RouteState::Active;
  std::vector<Ipv4Prefix> address_prefix;
  NextHopType next_hop_type = NextHopType::None;
  std::vector<Ipv4Address> next_hop_ip_address;
  bool disable_bgp_route_propagation = false;         ///< UDR-6, on the rows of the table that says so
  std::vector<std::string> destination_service_tags;  ///< of a user-defined route to a tag
  std::string remote_virtual_network;                 ///< of a peering route; not part of Azure's answer
  std::string route_table;                            ///< of a user-defined route; not part of Azure's answer

  bool operator==(const EffectiveRoute&) const = default;
};

std::string_view to_string(RouteSource source);
std::string_view to_string(RouteState state);

/// The effective routes of `subnet` in `network`, in the order Azure lists them: VNet, peerings, gateway, user, system, service
/// endpoints. The
/// model must be resolved. Pure.
std::vector<EffectiveRoute> effective_routes(const Model& model, const VirtualNetwork& network, const Subnet& subnet);

}  // namespace emu
