// SPDX-License-Identifier: Apache-2.0
#include "emu/model/gateway_lookup.hpp"

#include <gtest/gtest.h>

#include "emu/model/name_key.hpp"

#include "tests/unit/emu/sample_vpn.hpp"

namespace sample = emu::sample;

// NAME-4: one rule, that of ASCII letters, for comparing names and for finding them.
TEST(SameName, IsWhatHasOneKey) {
  using emu::name_key;
  using emu::same_name;
  for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{
           {"Hub", "hUB"}, {"hub", "hub2"}, {"\xC3\x84", "\xC3\xA4"}, {"a[", "a{"}, {"", ""}, {"@", "`"}})
    EXPECT_EQ(same_name(a, b), name_key(a) == name_key(b)) << a << ' ' << b;
  EXPECT_TRUE(same_name("Hub", "hUB"));
  EXPECT_FALSE(same_name("\xC3\x84", "\xC3\xA4")) << "only ASCII";
}

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
  model.virtual_network_gateways.push_back(sample::gateway("gw2", "other"));
  auto& connections = model.virtual_network_gateway_connections;
  connections = {sample::vnet_to_vnet("there", "gw", "gw2"), sample::vnet_to_vnet("back", "GW2", "GW"),
                 sample::ipsec("to-dc", "gw", "dc-seen")};
  EXPECT_EQ(counterpart_of(model, connections[0]), &connections[1]);
  EXPECT_EQ(counterpart_of(model, connections[1]), &connections[0]);
  EXPECT_EQ(counterpart_of(model, connections[2]), nullptr);
  connections.erase(connections.begin() + 1);
  EXPECT_EQ(counterpart_of(model, connections[0]), nullptr);
}

// VPN-40: what uses the peer gateway comes with the network that it is in.
TEST(GatewayLookup, BehindAPeerGatewayAreItsNetworkAndItsSpokes) {
  auto model = sample::vpn_lab();
  model.virtual_networks.push_back(sample::network("far", {"10.9.0.0/16"}, {sample::subnet("GatewaySubnet", {"10.9.255.0/27"})}));
  model.virtual_network_gateways.push_back(sample::gateway("gw2", "far"));
  model.virtual_network_gateway_connections = {sample::vnet_to_vnet("there", "gw", "gw2"), sample::vnet_to_vnet("back", "gw2", "gw")};
  model = emu::resolve(model, nullptr).model;
  const auto& connections = model.virtual_network_gateway_connections;
  EXPECT_EQ(remote_prefixes_of(model, connections[0]), sample::prefixes({"10.9.0.0/16"}));
  EXPECT_EQ(remote_prefixes_of(model, connections[1]), sample::prefixes({"10.0.0.0/16", "10.1.0.0/16"}));
  model.virtual_networks[1].peerings[0].use_remote_gateways = false;
  EXPECT_EQ(remote_prefixes_of(model, connections[1]), sample::prefixes({"10.0.0.0/16"}));
}

// An IPsec connection may lead to the gateway of another network, by its public address.
TEST(GatewayLookup, FindsTheGatewayBehindALocalNetworkGatewayAndTheConnectionBack) {
  auto model = sample::vpn_lab();
  for (const auto* name : {"gw", "gw2"}) {
    if (std::string_view(name) == "gw2") model.virtual_network_gateways.push_back(sample::gateway("gw2", "far"));
    model.virtual_network_gateways.back().public_ip_address = sample::address(name == std::string_view("gw") ? "203.0.113.10" : "8.8.4.4");
  }
  model.local_network_gateways = {sample::local_gateway("gw2-seen", "8.8.4.4", {"10.9.0.0/16"}),
                                  sample::local_gateway("gw-seen", "203.0.113.10", {"10.0.0.0/16"}),
                                  sample::local_gateway("nobody", "203.0.113.99", {"10.8.0.0/16"})};
  auto& connections = model.virtual_network_gateway_connections;
  connections = {sample::ipsec("there", "gw", "gw2-seen"), sample::ipsec("back", "gw2", "gw-seen"), sample::ipsec("lost", "gw", "nobody")};
  connections[1].connection_mode = emu::ConnectionMode::ResponderOnly;
  EXPECT_EQ(gateway_behind(model, model.local_network_gateways[0]), &model.virtual_network_gateways[1]);
  EXPECT_EQ(gateway_behind(model, model.local_network_gateways[2]), nullptr);
  EXPECT_EQ(counterpart_of(model, connections[0]), &connections[1]);
  EXPECT_EQ(counterpart_of(model, connections[1]), &connections[0]);
  EXPECT_EQ(counterpart_of(model, connections[2]), nullptr);
  EXPECT_EQ(mode_of_other_end(model, connections[0]), emu::ConnectionMode::ResponderOnly);
  connections[1] = sample::vnet_to_vnet("back", "gw2", "gw");
  EXPECT_EQ(counterpart_of(model, connections[0]), nullptr) << "the two types do not meet";
  EXPECT_EQ(counterpart_of(model, connections[1]), nullptr);
}

TEST(AddressOf, KnowsGatewaysSitesAndTheirHosts) {
  const auto model = sample::resolved_vpn_lab();
  EXPECT_EQ(address_of(model, "gw.public"), model.virtual_network_gateways[0].public_ip_address);
  EXPECT_EQ(address_of(model, "dc"), model.on_premises[0].public_ip_address);
  EXPECT_EQ(address_of(model, "SERVER1"), sample::address("192.168.1.10"));
  EXPECT_EQ(address_of(model, "gw"), std::nullopt);
}
