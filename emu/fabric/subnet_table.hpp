// SPDX-License-Identifier: Apache-2.0
// emu/fabric/subnet_table.hpp — a subnet's effective routes as a routing table of its network's router.
//
//   VnetLocal               throw: the main table knows the subnets
//   VNetPeering             by the link to the peer
//   Internet                by the link to the internet
//   VirtualAppliance        by the appliance's bridge, or its transit when it is in a peer
//   VirtualNetworkGateway   to the gateway
//   VirtualNetworkServiceEndpoint  by the backbone
//   None                    blackhole
//
// A next hop that is not there, or that passes nothing on, is a blackhole (UDR-7, UDR-8): the row stays Active in the list, as it
// does in Azure, and the packets are dropped.
#pragma once

#include <string>
#include <vector>

#include "emu/fabric/appliances.hpp"
#include "emu/model/model.hpp"
#include "netns/state/state.hpp"

namespace emu {

/// The number of the table: the subnet's first address, unique in its router and the same after every change.
std::uint32_t table_of(const Subnet& subnet);

/// A link of a router, and who is next on it.
struct Hop {
  std::string device;
  Ipv4Address gateway;
};

/// Towards the gateway that serves `network`: through its own GatewaySubnet, or over the peering with the network that has it.
Hop hop_to_gateway(const Model& model, const VirtualNetwork& network, const VirtualNetworkGateway& gateway);

/// @param appliances  those that packets from `network` can be sent through
std::vector<netns::Route> subnet_table(const Model& model, const VirtualNetwork& network, const Subnet& subnet,
                                       const Appliances& appliances);

}  // namespace emu
