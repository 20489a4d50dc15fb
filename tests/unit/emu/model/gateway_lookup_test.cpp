// SPDX-License-Identifier: Apache-2.0
#include "emu/model/gateway_lookup.hpp"

#include <gtest/gtest.h>

#include "tests/unit/emu/sample_vpn.hpp"

namespace sample = emu::sample;

TEST(Secret, IsNeverShown) {
  EXPECT_EQ(to_string(emu::Secret("Str0ngKey")), "***");
  EXPECT_EQ(to_string(emu::Secret()), "");
  EXPECT_EQ(emu::Secret("Str0ngKey").reveal(), "Str0ngKey");
}

TEST(GatewayLookup, FindsTheSiteByNameAndByAddress) {
  auto model = sample::resolved_vpn_lab();
  EXPECT_EQ(site_behind(model, model.local_network_gateways[0]), &model.on_premises[0]);
  EXPECT_EQ(gateway_address_of(model, model.local_network_gateways[0]), model.on_premises[0].public_ip_address);
  model.local_network_gateways[0].gateway_address = to_string(*model.on_premises[0].public_ip_address);
  EXPECT_EQ(site_behind(model, model.local_network_gateways[0]), &model.on_premises[0]);
  model.local_network_gateways[0].gateway_address = "198.51.100.99";
  EXPECT_EQ(site_behind(model, model.local_network_gateways[0]), nullptr);
  EXPECT_EQ(gateway_address_of(model, model.local_network_gateways[0]), sample::address("198.51.100.99"));
  model.local_network_gateways[0].gateway_address = "on_premises.nowhere";
  EXPECT_EQ(gateway_address_of(model, model.local_network_gateways[0]), std::nullopt);
}

// PEER-19
TEST(GatewayLookup, ASpokeUsesTheGatewayWhileBothLinksSaySoAndAreConnected) {
  auto model = sample::resolved_vpn_lab();
  const auto& gateway = model.virtual_network_gateways[0];
  EXPECT_EQ(gateway_for(model, model.virtual_networks[1]), &gateway);
  EXPECT_EQ(spokes_of(model, gateway), std::vector<const emu::VirtualNetwork*>{&model.virtual_networks[1]});
  model.virtual_networks[0].peerings[0].allow_gateway_transit = false;
  EXPECT_EQ(gateway_for(model, model.virtual_networks[1]), nullptr);
  model.virtual_networks[0].peerings[0].allow_gateway_transit = true;
  model.virtual_networks[1].peerings[0].peering_state = emu::PeeringState::Disconnected;
  EXPECT_EQ(gateway_for(model, model.virtual_networks[1]), nullptr);
  EXPECT_EQ(gateway_for(model, model.virtual_networks[0]), &gateway) << "its own";
}

// VPN-43
TEST(GatewayLookup, ADeviceSendsWhatTheGatewayServesUnlessToldOtherwise) {
  auto model = sample::resolved_vpn_lab();
  const auto& gateway = model.virtual_network_gateways[0];
  EXPECT_EQ(prefixes_sent_by(model, model.on_premises[0], gateway), sample::prefixes({"10.0.0.0/16", "10.1.0.0/16"}));
  model.on_premises[0].remote_address_space = sample::prefixes({"10.0.0.0/16"});
  EXPECT_EQ(prefixes_sent_by(model, model.on_premises[0], gateway), sample::prefixes({"10.0.0.0/16"}));
}

// VPN-40
TEST(GatewayLookup, FindsTheOtherDirectionOfAConnectionBetweenNetworks) {
  auto model = sample::vpn_lab();
  auto& connections = model.virtual_network_gateway_connections;
  connections = {sample::vnet_to_vnet("there", "gw", "gw2"), sample::vnet_to_vnet("back", "GW2", "GW"),
                 sample::ipsec("to-dc", "gw", "dc-seen")};
  EXPECT_EQ(counterpart_of(model, connections[0]), &connections[1]);
  EXPECT_EQ(counterpart_of(model, connections[1]), &connections[0]);
  EXPECT_EQ(counterpart_of(model, connections[2]), nullptr);
  connections.erase(connections.begin() + 1);
  EXPECT_EQ(counterpart_of(model, connections[0]), nullptr);
}

TEST(AddressOf, KnowsGatewaysSitesAndTheirHosts) {
  const auto model = sample::resolved_vpn_lab();
  EXPECT_EQ(address_of(model, "gw.public"), model.virtual_network_gateways[0].public_ip_address);
  EXPECT_EQ(address_of(model, "dc"), model.on_premises[0].public_ip_address);
  EXPECT_EQ(address_of(model, "SERVER1"), sample::address("192.168.1.10"));
  EXPECT_EQ(address_of(model, "gw"), std::nullopt);
}
