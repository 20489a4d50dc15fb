// SPDX-License-Identifier: Apache-2.0
// emu/fabric/gateway.hpp — the namespace of a virtual network gateway: one leg in GatewaySubnet, one on the internet.
//
//        <lab>.<vnet>                     <lab>.<gateway>                 <lab>.internet
//   br-GatewaySubnet -- gw-<gateway> ---- vnet      internet ------------ vpn-<gateway>
//                                           |          ^
//                                        routes --> ipsec<n>   one for each connection
#pragma once

#include "emu/fabric/fabric.hpp"

namespace emu {

netns::Namespace build_gateway(const Model& model, const VirtualNetworkGateway& gateway, const Places& places);

}  // namespace emu
