// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emu/semantics/effective_routes.hpp"
#include "tests/unit/emu/sample_vpn.hpp"

using emu::Model;
using testing::ElementsAre;
using testing::IsEmpty;
namespace sample = emu::sample;

namespace {

/// `192.168.0.0/16 via 10.0.255.4 Active`, of the gateway's routes alone.
std::vector<std::string> gateway_routes(const Model& model, std::size_t network, std::size_t subnet) {
  std::vector<std::string> out;
  for (const auto& route : effective_routes(model, model.virtual_networks[network], model.virtual_networks[network].subnets[subnet])) {
    if (route.source != emu::RouteSource::VirtualNetworkGateway) continue;
    EXPECT_EQ(route.next_hop_type, emu::NextHopType::VirtualNetworkGateway);
    out.push_back(fmt::format("{} via {} {}", to_string(route.address_prefix.front()), to_string(route.next_hop_ip_address.at(0)),
                              to_string(route.state)));
  }
  return out;
}

const auto kToSite = ElementsAre("192.168.0.0/16 via 10.0.255.4 Active", "172.16.9.0/24 via 10.0.255.4 Active");

}  // namespace

// RT-7, VPN-22
TEST(GatewayRoutes, AreOnePerPrefixOfTheSiteInEverySubnet) {
  const auto model = sample::resolved_vpn_lab();
  EXPECT_THAT(gateway_routes(model, 0, 0), kToSite);
  EXPECT_THAT(gateway_routes(model, 0, 1), kToSite) << "GatewaySubnet, too";
}

// PEER-19
TEST(GatewayRoutes, ReachTheSpokesThatUseTheGateway) {
  auto model = sample::resolved_vpn_lab();
  EXPECT_THAT(gateway_routes(model, 1, 0), kToSite);
  model.virtual_networks[1].peerings[0].use_remote_gateways = false;
  EXPECT_THAT(gateway_routes(model, 1, 0), IsEmpty());
}

// RT-9: a private range of nobody's stays None.
TEST(GatewayRoutes, ReplaceTheNoneRouteOfTheSamePrefix) {
  const auto model = sample::resolved_vpn_lab();
  for (const auto& route : effective_routes(model, model.virtual_networks[0], model.virtual_networks[0].subnets[0])) {
    if (route.next_hop_type != emu::NextHopType::None) continue;
    const bool replaced = route.address_prefix == sample::prefixes({"192.168.0.0/16"});
    EXPECT_EQ(route.state, replaced ? emu::RouteState::Invalid : emu::RouteState::Active) << to_string(route.address_prefix.front());
  }
}

TEST(GatewayRoutes, NeedAConnection) {
  auto model = sample::resolved_vpn_lab();
  model.virtual_network_gateway_connections.clear();
  EXPECT_THAT(gateway_routes(model, 0, 0), IsEmpty());
}

// VPN-40, PEER-30
TEST(GatewayRoutes, BetweenNetworksLoseToAPeering) {
  auto model = sample::vpn_lab();
  model.virtual_networks.push_back(sample::network("other", {"10.2.0.0/16"}, {sample::subnet("GatewaySubnet", {"10.2.255.0/27"})}));
  model.virtual_network_gateways.push_back(sample::gateway("gw-other", "other"));
  model.virtual_network_gateway_connections = {sample::vnet_to_vnet("there", "gw", "gw-other"),
                                               sample::vnet_to_vnet("back", "gw-other", "gw")};
  EXPECT_THAT(gateway_routes(resolve(model, nullptr).model, 2, 0),
              ElementsAre("10.0.0.0/16 via 10.2.255.4 Active", "10.1.0.0/16 via 10.2.255.4 Active"))
      << "and that of the spoke which uses the gateway";
  model.virtual_networks[0].peerings.push_back(sample::peering("to-other", "other"));
  model.virtual_networks[2].peerings.push_back(sample::peering("to-hub", "hub"));
  EXPECT_THAT(gateway_routes(resolve(model, nullptr).model, 2, 0),
              ElementsAre("10.0.0.0/16 via 10.2.255.4 Invalid", "10.1.0.0/16 via 10.2.255.4 Active"));
}
