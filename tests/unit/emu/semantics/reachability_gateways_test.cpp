// SPDX-License-Identifier: Apache-2.0
// What the predictor makes of tunnels between the gateways of two networks.
#include <gmock/gmock.h>

#include "emu/semantics/reachability.hpp"
#include "tests/unit/emu/sample_vpn.hpp"

namespace sample = emu::sample;
using emu::CheckKind;
using emu::Fate;
using emu::Model;
using emu::Prediction;
using testing::HasSubstr;

namespace {

/// vpn_lab's hub and spoke, and `far` 10.9.0.0/16 with a gateway, a machine and a spoke of its own, `outpost` 10.8.0.0/16.
Model two_hubs() {
  auto model = sample::vpn_lab();
  model.virtual_networks.push_back(sample::network(
      "far", {"10.9.0.0/16"}, {sample::subnet("default", {"10.9.0.0/24"}), sample::subnet("GatewaySubnet", {"10.9.255.0/27"})}));
  model.virtual_networks.push_back(sample::network("outpost", {"10.8.0.0/16"}, {sample::subnet("default", {"10.8.0.0/24"})}));
  model.virtual_networks[2].peerings = {sample::peering("to-outpost", "outpost")};
  model.virtual_networks[2].peerings[0].allow_gateway_transit = true;
  model.virtual_networks[3].peerings = {sample::peering("to-far", "far")};
  model.virtual_networks[3].peerings[0].use_remote_gateways = true;
  model.virtual_machines.push_back(sample::machine("app", "spoke", "web"));
  model.virtual_machines.push_back(sample::machine("far-vm", "far", "default"));
  model.virtual_machines.push_back(sample::machine("outpost-vm", "outpost", "default"));
  model.virtual_network_gateways.push_back(sample::gateway("gw2", "far"));
  model.local_network_gateways.clear();
  model.on_premises.clear();
  model.virtual_network_gateway_connections = {sample::vnet_to_vnet("there", "gw", "gw2"), sample::vnet_to_vnet("back", "gw2", "gw")};
  return model;
}

Prediction between(const Model& model, const std::string& from, const std::string& to) {
  const auto now = emu::resolve(model, nullptr).model;
  return predict(now, {from, address_of(now, to).value(), CheckKind::Ping, 0});
}

/// The same two gateways joined by local network gateways that list what `far` and `hub` are, and the spokes where `spokes` says so.
Model by_ipsec(bool spokes) {
  auto model = two_hubs();
  for (std::size_t i : {0U, 1U}) {
    model.virtual_network_gateways[i].public_ip_allocation_method = "Static";
    model.virtual_network_gateways[i].public_ip_address = sample::address(i == 0 ? "203.0.113.10" : "168.62.225.23");
  }
  using Prefixes = std::vector<std::string_view>;
  model.local_network_gateways = {
      sample::local_gateway("far-seen", "168.62.225.23", spokes ? Prefixes{"10.9.0.0/16", "10.8.0.0/16"} : Prefixes{"10.9.0.0/16"}),
      sample::local_gateway("hub-seen", "203.0.113.10", spokes ? Prefixes{"10.0.0.0/16", "10.1.0.0/16"} : Prefixes{"10.0.0.0/16"})};
  model.virtual_network_gateway_connections = {sample::ipsec("there", "gw", "far-seen"), sample::ipsec("back", "gw2", "hub-seen")};
  return model;
}

}  // namespace

// VPN-40, PEER-19: the spokes of both gateways are joined with the networks that these are in.
TEST(ReachabilityOfGateways, AVnetToVnetConnectionCarriesWhatTheSpokesSend) {
  const auto model = two_hubs();
  for (const auto* from : {"vm1", "app"}) {
    for (const auto* to : {"far-vm", "outpost-vm"}) {
      EXPECT_EQ(between(model, from, to).fate, Fate::Answers) << from << " to " << to;
      EXPECT_EQ(between(model, to, from).fate, Fate::Answers) << to << " to " << from;
    }
  }
  auto alone = model;
  alone.virtual_networks[3].peerings[0].use_remote_gateways = false;
  EXPECT_EQ(between(alone, "vm1", "outpost-vm").fate, Fate::Silent);
  EXPECT_EQ(between(alone, "vm1", "far-vm").fate, Fate::Answers);
}

// TAG-1, PEER-17: what is behind the gateway is in the tag VirtualNetwork, also of its spokes, whose flags have no say in it.
TEST(ReachabilityOfGateways, WhatComesByAGatewayIsInTheTagOfItsSpokes) {
  auto model = two_hubs();
  model.network_security_groups = {{"plain", "", {}}};
  for (auto& network : model.virtual_networks) network.subnets[0].network_security_group = "plain";
  EXPECT_EQ(between(model, "app", "outpost-vm").fate, Fate::Answers);
  EXPECT_THAT(between(model, "app", "outpost-vm").reason, HasSubstr("AllowVnetInBound"));
}

// VPN-22, VPN-43: an IPsec connection to the gateway of another network, which sends what its local network gateway lists.
TEST(ReachabilityOfGateways, AnIpsecConnectionMayLeadToTheGatewayOfAnotherNetwork) {
  EXPECT_EQ(between(by_ipsec(false), "vm1", "far-vm").fate, Fate::Answers);
  EXPECT_EQ(between(by_ipsec(false), "far-vm", "vm1").fate, Fate::Answers);
  EXPECT_EQ(between(by_ipsec(false), "app", "outpost-vm").fate, Fate::Silent) << "nobody listed them";
  EXPECT_EQ(between(by_ipsec(true), "app", "outpost-vm").fate, Fate::Answers);

  auto wrong_key = by_ipsec(false);
  wrong_key.virtual_network_gateway_connections[1].shared_key = emu::Secret("another-key");
  EXPECT_THAT(between(wrong_key, "vm1", "far-vm").reason, HasSubstr("(VPN-31)"));
  auto one_way = by_ipsec(false);
  one_way.virtual_network_gateway_connections.pop_back();
  EXPECT_THAT(between(one_way, "vm1", "far-vm").reason, HasSubstr("no connection leads back (VPN-40)"));
}

// VPN-43: a site's device sends into the tunnel what it knows of the other end, also where that is as wide as a whole private range.
TEST(ReachabilityOfGateways, ADeviceThatKnowsAWholePrivateRangeSendsItIntoTheTunnel) {
  auto model = sample::vpn_lab();
  model.on_premises[0].remote_address_space = sample::prefixes({"10.0.0.0/8"});
  EXPECT_EQ(between(model, "server1", "vm1").fate, Fate::Answers);
  model.on_premises[0].remote_address_space = sample::prefixes({"0.0.0.0/0"});
  EXPECT_THAT(between(model, "server1", "vm1").reason, HasSubstr("has no tunnel for 10.0.0.4 (VPN-43)")) << "10.0.0.0/8 is kept";
}

// VPN-16: the group of PFS is for keys that are renewed, so two ends that differ in it alone come up.
TEST(ReachabilityOfGateways, EndsThatDifferInTheGroupOfRenewedKeysConnect) {
  auto model = sample::vpn_lab();
  const auto policy = [](const char* pfs) {
    return emu::IpsecPolicy{"DHGroup14", "AES256", "SHA256", "AES256", "SHA256", pfs, 27000, 102400000};
  };
  model.virtual_network_gateway_connections[0].ipsec_policy = policy("PFS2048");
  model.on_premises[0].ipsec_policy = policy("ECP256");
  EXPECT_EQ(between(model, "server1", "vm1").fate, Fate::Answers);
  model.on_premises[0].ipsec_policy->ipsec_integrity = "SHA1";
  EXPECT_THAT(between(model, "server1", "vm1").reason, HasSubstr("(VPN-16)"));
}
