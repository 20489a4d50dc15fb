// SPDX-License-Identifier: Apache-2.0
// tests/scenario/gateway_spokes_test.cpp — VPN-44: two spokes that meet in the hub's gateway. No tunnel is needed for that.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenario/lab.hpp"

namespace test {
namespace {

using testing::IsEmpty;
using testing::Not;

struct Spokes {
  bool routed = false;               ///< whether each has a route to the other one by the gateway
  bool hub_lets_one_through = true;  ///< allow_virtual_network_access of the hub's link to the first

  std::string text() const {
    return fmt::format(R"(
virtual_networks:
  - name: hub
    address_space: [10.0.0.0/16]
    subnets: [{{name: GatewaySubnet, address_prefixes: [10.0.255.0/27]}}]
    peerings:
      - {{name: to-one, remote_virtual_network: one, allow_gateway_transit: true, allow_virtual_network_access: {2}}}
      - {{name: to-two, remote_virtual_network: two, allow_gateway_transit: true}}
  - name: one
    address_space: [10.1.0.0/16]
    subnets: [{{name: s, address_prefixes: [10.1.0.0/24]{0}}}]
    peerings: [{{name: to-hub, remote_virtual_network: hub, use_remote_gateways: true}}]
  - name: two
    address_space: [10.2.0.0/16]
    subnets: [{{name: s, address_prefixes: [10.2.0.0/24]{1}}}]
    peerings: [{{name: to-hub, remote_virtual_network: hub, use_remote_gateways: true}}]
virtual_machines:
  - {{name: vm1, subnet: one/s, private_ip_address: 10.1.0.4}}
  - {{name: vm2, subnet: two/s, private_ip_address: 10.2.0.4, web: 80}}
virtual_network_gateways: [{{name: gw, virtual_network: hub}}]
route_tables:
  - {{name: to-two, routes: [{{name: two, address_prefix: 10.2.0.0/16, next_hop_type: VirtualNetworkGateway}}]}}
  - {{name: to-one, routes: [{{name: one, address_prefix: 10.1.0.0/16, next_hop_type: VirtualNetworkGateway}}]}}
)",
                       routed ? ", route_table: to-two" : "", routed ? ", route_table: to-one" : "", hub_lets_one_through);
  }
};

// PEER-17: what comes by a gateway is never a matter of allow_forwarded_traffic.
TEST(SpokesOfAGateway, MeetInItWhenBothHaveARouteThere) {
  const Lab lab;
  Spokes file;
  lab.build(file.text());
  EXPECT_TRUE(lab.finds_silence("vm1", "10.2.0.4")) << "a peering is not transitive, and nor is a gateway";

  file.routed = true;
  lab.build(file.text());
  Capture at_gateway{lab, "gw", "vnet"};
  EXPECT_TRUE(lab.reaches("vm1", "10.2.0.4"));
  EXPECT_TRUE(lab.reaches("vm2", "10.1.0.4"));
  EXPECT_EQ(lab.page("vm1", "10.2.0.4"), "vm2 (10.2.0.4) says hello to 10.1.0.4\n");
  EXPECT_THAT(at_gateway.packets("icmp and src 10.1.0.4 and dst 10.2.0.4"), Not(IsEmpty())) << "by the gateway";
}

// PEER-16: a gateway has no security group that could let in what the link keeps out, nor could one judge what leaves it.
TEST(SpokesOfAGateway, NeedTheHubsLinkToLetThemThrough) {
  const Lab lab;
  Spokes file;
  file.routed = true;
  file.hub_lets_one_through = false;
  lab.build(file.text());
  EXPECT_TRUE(lab.finds_silence("vm1", "10.2.0.4"));
  EXPECT_TRUE(lab.finds_silence("vm2", "10.1.0.4"));
  file.hub_lets_one_through = true;
  lab.build(file.text());
  EXPECT_TRUE(lab.reaches("vm1", "10.2.0.4"));
  EXPECT_TRUE(lab.reaches("vm2", "10.1.0.4"));
}

}  // namespace
}  // namespace test
