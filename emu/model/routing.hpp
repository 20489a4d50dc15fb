// SPDX-License-Identifier: Apache-2.0
// emu/model/routing.hpp — route tables and the user-defined routes in them (UDR-1).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netns/base/address.hpp"

namespace emu {

/// ER-2. A user-defined route names one of VirtualNetworkGateway, VnetLocal, Internet, VirtualAppliance and None (UDR-3).
enum class NextHopType {
  VnetLocal,
  VNetPeering,
  VNetGlobalPeering,
  Internet,
  None,
  VirtualAppliance,
  VirtualNetworkGateway,
  VirtualNetworkServiceEndpoint
};

/// Azure's spelling: `VnetLocal`, `VNetPeering`.
std::string_view to_string(NextHopType type);

struct UserDefinedRoute {
  std::string name;
  std::optional<netns::Ipv4Prefix> address_prefix;  ///< empty when it is for a service tag
  std::string service_tag;                          ///< `Storage`, `AzureCloud.westus`; empty when it is for a prefix
  std::optional<NextHopType> next_hop_type;         ///< always there in a model without errors
  std::optional<netns::Ipv4Address> next_hop_in_ip_address;

  bool operator==(const UserDefinedRoute&) const = default;
};

struct RouteTable {
  std::string name;
  std::string location;  ///< empty: where its subnets are
  bool bgp_route_propagation_enabled = true;
  std::vector<UserDefinedRoute> routes;

  bool operator==(const RouteTable&) const = default;
};

}  // namespace emu
