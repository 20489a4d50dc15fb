// SPDX-License-Identifier: Apache-2.0
// tests/ipsec/gateways_test.cpp — tunnels between two gateways: what uses them is behind them (VPN-40), and they may know each other by
// address.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ipsec/tunnel_lab.hpp"

namespace test {
namespace {

constexpr std::string_view kByName = R"(
virtual_network_gateway_connections:
  - {name: there, virtual_network_gateway: hub-gw, peer_virtual_network_gateway: far-gw, shared_key: Key.Of.Both.1}
  - {name: back, virtual_network_gateway: far-gw, peer_virtual_network_gateway: hub-gw, shared_key: Key.Of.Both.1}
)";

constexpr std::string_view kByAddress = R"(
local_network_gateways:
  - {name: far-seen, gateway_address: 203.0.113.20, address_space: [10.8.0.0/16]}
  - {name: hub-seen, gateway_address: 203.0.113.10, address_space: [10.0.0.0/16, 10.1.0.0/16]}
virtual_network_gateway_connections:
  - {name: there, virtual_network_gateway: hub-gw, local_network_gateway: far-seen, shared_key: Key.Of.Both.1}
  - {name: back, virtual_network_gateway: far-gw, local_network_gateway: hub-seen, shared_key: Key.Of.Both.1}
)";

/// far == hub -- spoke, which uses the hub's gateway.
std::string joined(std::string_view connections) {
  return fmt::format(R"(
virtual_networks:
  - name: hub
    address_space: [10.0.0.0/16]
    subnets: [{{name: s, address_prefixes: [10.0.0.0/24]}}, {{name: GatewaySubnet, address_prefixes: [10.0.255.0/27]}}]
    peerings: [{{name: to-spoke, remote_virtual_network: spoke, allow_gateway_transit: true}}]
  - name: spoke
    address_space: [10.1.0.0/16]
    subnets: [{{name: s, address_prefixes: [10.1.0.0/24]}}]
    peerings: [{{name: to-hub, remote_virtual_network: hub, use_remote_gateways: true}}]
  - name: far
    address_space: [10.8.0.0/16]
    subnets: [{{name: s, address_prefixes: [10.8.0.0/24]}}, {{name: GatewaySubnet, address_prefixes: [10.8.255.0/27]}}]
virtual_machines:
  - {{name: in-hub, subnet: hub/s, private_ip_address: 10.0.0.4}}
  - {{name: in-spoke, subnet: spoke/s, private_ip_address: 10.1.0.4}}
  - {{name: in-far, subnet: far/s, private_ip_address: 10.8.0.4}}
virtual_network_gateways:
  - {{name: hub-gw, virtual_network: hub, public_ip_address: 203.0.113.10}}
  - {{name: far-gw, virtual_network: far, public_ip_address: 203.0.113.20}}
{})",
                     connections);
}

TEST(TwoGateways, CarryWhatUsesThem) {  // VPN-40, PEER-19
  const Lab lab;
  lab.build(joined(""));
  ASSERT_TRUE(lab.finds_silence("in-far", "10.1.0.4"));
  ASSERT_TRUE(lab.finds_silence("in-spoke", "10.8.0.4"));
  lab.build(joined(kByName));
  EXPECT_TRUE(lab.reaches("in-far", "10.0.0.4"));
  EXPECT_TRUE(lab.reaches("in-far", "10.1.0.4"));
  EXPECT_TRUE(lab.reaches("in-spoke", "10.8.0.4"));
}

TEST(TwoGateways, MayKnowEachOtherByTheirAddresses) {
  const Lab lab;
  lab.build(joined(""));
  ASSERT_TRUE(lab.finds_silence("in-far", "10.0.0.4"));
  lab.build(joined(kByAddress));
  EXPECT_TRUE(lab.reaches("in-far", "10.0.0.4"));
  EXPECT_TRUE(lab.reaches("in-far", "10.1.0.4"));
  EXPECT_TRUE(lab.reaches("in-spoke", "10.8.0.4"));
  for (const auto& connection : lab.status()["connections"]) EXPECT_EQ(connection["connectionStatus"], "Connected") << connection;
}

}  // namespace
}  // namespace test
