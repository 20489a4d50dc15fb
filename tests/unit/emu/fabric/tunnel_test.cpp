// SPDX-License-Identifier: Apache-2.0
// What each end of a tunnel knows, who starts it, and what is routed to it.
#include "emu/fabric/tunnel.hpp"

#include <gmock/gmock.h>

#include "emu/fabric/gateway.hpp"
#include "emu/fabric/names.hpp"
#include "emu/fabric/site.hpp"
#include "emu/model/gateway_lookup.hpp"
#include "tests/unit/emu/sample_vpn.hpp"

namespace emu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const Places kTunnelPlaces{"/usr/bin/lazuli", "/run/lazuli/lab"};

TunnelEnd end_of(const Model& model, std::string_view connection, std::size_t gateway = 0) {
  for (auto& end : tunnels_of(model, model.virtual_network_gateways.at(gateway)))
    if (end.connection.name == connection) return end;
  throw std::invalid_argument("no such tunnel");
}

/// hub (gw1) with a spoke that uses gw1, far (gw2) with a spoke of its own; joined both ways by connections `there` and `back`.
Model two_gateways(bool by_name) {
  Model model;
  model.lab = "two";
  model.virtual_networks = {
      sample::network("hub", {"10.0.0.0/16"}, {sample::subnet("s", {"10.0.0.0/24"}), sample::subnet("GatewaySubnet", {"10.0.255.0/27"})}),
      sample::network("spoke", {"10.1.0.0/16"}, {sample::subnet("s", {"10.1.0.0/24"})}),
      sample::network("far", {"10.8.0.0/16"}, {sample::subnet("s", {"10.8.0.0/24"}), sample::subnet("GatewaySubnet", {"10.8.255.0/27"})}),
      sample::network("far-spoke", {"10.9.0.0/16"}, {sample::subnet("s", {"10.9.0.0/24"})})};
  const auto join = [&](std::size_t hub, std::size_t spoke) {
    auto& networks = model.virtual_networks;
    networks[hub].peerings = {sample::peering("out", networks[spoke].name)};
    networks[hub].peerings[0].allow_gateway_transit = true;
    networks[spoke].peerings = {sample::peering("in", networks[hub].name)};
    networks[spoke].peerings[0].use_remote_gateways = true;
  };
  join(0, 1);
  join(2, 3);
  model.virtual_network_gateways = {sample::gateway("gw1", "hub"), sample::gateway("gw2", "far")};
  if (by_name) {
    model.virtual_network_gateway_connections = {sample::vnet_to_vnet("there", "gw1", "gw2"), sample::vnet_to_vnet("back", "gw2", "gw1")};
    return sample::resolved(model);
  }
  model = sample::resolved(model);  // gives the gateways their addresses
  const auto address = [&](std::size_t gateway) { return to_string(*model.virtual_network_gateways[gateway].public_ip_address); };
  model.local_network_gateways = {sample::local_gateway("far-seen", address(1), {"10.8.0.0/16"}),
                                  sample::local_gateway("hub-seen", address(0), {"10.0.0.0/16", "10.1.0.0/16"})};
  model.virtual_network_gateway_connections = {sample::ipsec("there", "gw1", "far-seen"), sample::ipsec("back", "gw2", "hub-seen")};
  return model;
}

std::vector<std::string> prefix_texts(const std::vector<Ipv4Prefix>& prefixes) {
  std::vector<std::string> out;
  for (const auto& prefix : prefixes) out.push_back(to_string(prefix));
  return out;
}

bool is_routed_to(const netns::Namespace& name_space, std::string_view prefix, const std::string& device) {
  return std::ranges::any_of(name_space.routes, [&](const netns::Route& route) {
    return route.destination == sample::prefix(prefix) && route.type == netns::RouteType::Unicast && route.device == device;
  });
}

bool is_dropped(const netns::Namespace& name_space, std::string_view prefix) {
  return std::ranges::any_of(name_space.routes, [&](const netns::Route& route) {
    return route.destination == sample::prefix(prefix) && route.type == netns::RouteType::Blackhole;
  });
}

}  // namespace

// VPN-40, PEER-19: what uses the other side's gateway is behind it.
TEST(Tunnels, BetweenNetworksCarryWhatUsesTheGateways) {
  const auto model = two_gateways(true);
  const auto there = end_of(model, "there", 0);
  EXPECT_THAT(prefix_texts(there.routes), UnorderedElementsAre("10.8.0.0/16", "10.9.0.0/16"));
  EXPECT_THAT(prefix_texts(end_of(model, "back", 1).routes), UnorderedElementsAre("10.0.0.0/16", "10.1.0.0/16"));

  const auto gateway = build_gateway(model, model.virtual_network_gateways[0], kTunnelPlaces);
  const auto interface = tunnel_interface_name(there.connection.remote);
  EXPECT_TRUE(is_routed_to(gateway, "10.9.0.0/16", interface)) << "the other side's spoke";
  EXPECT_TRUE(is_routed_to(gateway, "10.1.0.0/16", std::string(kNetworkLink))) << "its own spoke";
  EXPECT_FALSE(is_routed_to(gateway, "10.1.0.0/16", interface));
}

TEST(Tunnels, BetweenNetworksCarryNoSpokeThatUsesNoGateway) {
  auto model = two_gateways(true);
  model.virtual_networks[3].peerings[0].use_remote_gateways = false;
  EXPECT_THAT(prefix_texts(end_of(model, "there", 0).routes), ElementsAre("10.8.0.0/16"));
}

TEST(Tunnels, SelectorsOfPoliciesHaveTheSpokesAtBothEnds) {
  auto model = two_gateways(true);
  for (auto& connection : model.virtual_network_gateway_connections) connection.use_policy_based_traffic_selectors = true;
  const auto there = end_of(model, "there", 0).connection;
  const auto back = end_of(model, "back", 1).connection;
  EXPECT_THAT(there.remote_prefixes, testing::UnorderedElementsAreArray(back.local_prefixes));
  EXPECT_THAT(there.local_prefixes, testing::UnorderedElementsAreArray(back.remote_prefixes));
  EXPECT_THAT(prefix_texts(there.local_prefixes), UnorderedElementsAre("10.0.0.0/16", "10.1.0.0/16"));
}

// Two gateways that know each other as if the other were a site: a local network gateway with its public address.
TEST(Tunnels, MayLeadToAnotherGatewayByItsAddress) {
  const auto model = two_gateways(false);
  const auto& connections = model.virtual_network_gateway_connections;
  const auto ends = ends_of(model, connections[0]);
  ASSERT_TRUE(ends);
  EXPECT_EQ(ends->at(0).node, "gw1");
  EXPECT_EQ(ends->at(1).node, "gw2");
  EXPECT_EQ(ends->at(1).tunnel.connection.name, "back");
  EXPECT_EQ(ends->at(0).tunnel.connection.remote, ends->at(1).tunnel.connection.local);
  EXPECT_EQ(gateway_at_other_end(model, connections[1])->name, "gw1");
  EXPECT_THAT(prefix_texts(ends->at(0).tunnel.routes), ElementsAre("10.8.0.0/16")) << "what the local network gateway says, and no spokes";
}

TEST(Tunnels, ToAGatewayThatHasNoConnectionBackHaveOneEnd) {
  auto model = two_gateways(false);
  model.virtual_network_gateway_connections.pop_back();
  const auto& connection = model.virtual_network_gateway_connections[0];
  EXPECT_FALSE(ends_of(model, connection));
  EXPECT_EQ(gateway_at_other_end(model, connection)->name, "gw2") << "somebody is there, who knows nothing of it";
  EXPECT_EQ(mode_of_other_end(model, connection), std::nullopt);
}

TEST(Tunnels, BackAreOfTheSameKind) {
  auto model = two_gateways(false);
  model.virtual_network_gateway_connections[1] = sample::vnet_to_vnet("back", "gw2", "gw1");
  EXPECT_EQ(counterpart_of(model, model.virtual_network_gateway_connections[0]), nullptr);
}

// VPN-33. Two that start at the same moment make two tunnels.
TEST(Tunnels, AreStartedByOneEndExactly) {
  for (const bool by_name : {true, false}) {
    const auto model = two_gateways(by_name);
    EXPECT_NE(end_of(model, "there", 0).connection.initiates, end_of(model, "back", 1).connection.initiates);
    EXPECT_TRUE(end_of(model, "there", 0).responds);
    EXPECT_TRUE(end_of(model, "back", 1).responds);
  }
  const auto model = sample::resolved_vpn_lab();
  EXPECT_TRUE(end_of(model, "to-dc").connection.initiates);
  EXPECT_THAT(tunnels_of(model, model.on_premises[0]), SizeIs(1));
  EXPECT_FALSE(tunnels_of(model, model.on_premises[0])[0].connection.initiates);
}

TEST(Tunnels, AreStartedByTheEndThatItsModeTells) {
  struct Case {
    ConnectionMode there;
    ConnectionMode back;
    bool there_starts;
    bool back_starts;
  };
  using enum ConnectionMode;
  for (const bool by_name : {true, false}) {
    for (const auto& [there, back, there_starts, back_starts] :
         {Case{InitiatorOnly, Default, true, false}, Case{Default, InitiatorOnly, false, true}, Case{ResponderOnly, Default, false, true},
          Case{Default, ResponderOnly, true, false}, Case{ResponderOnly, ResponderOnly, false, false},
          Case{InitiatorOnly, InitiatorOnly, true, true}}) {
      auto model = two_gateways(by_name);
      model.virtual_network_gateway_connections[0].connection_mode = there;
      model.virtual_network_gateway_connections[1].connection_mode = back;
      EXPECT_EQ(end_of(model, "there", 0).connection.initiates, there_starts) << to_string(there) << ' ' << to_string(back);
      EXPECT_EQ(end_of(model, "back", 1).connection.initiates, back_starts) << to_string(there) << ' ' << to_string(back);
      EXPECT_EQ(end_of(model, "there", 0).responds, there != InitiatorOnly);
    }
  }
}

// VPN-33: an end that only initiates hears no request, and still hears answers.
TEST(Tunnels, AnEndThatOnlyInitiatesDropsRequests) {
  auto model = two_gateways(true);
  const auto rules = [&] { return build_gateway(model, model.virtual_network_gateways[0], kTunnelPlaces).ruleset->text; };
  const auto remote = to_string(end_of(model, "there").connection.remote);
  const auto drops = "iifname \"internet\" ip saddr " + remote + " udp dport 500 @th,208,8 34 @th,216,8 & 32 == 0 drop";
  EXPECT_THAT(rules(), Not(HasSubstr(drops)));
  model.virtual_network_gateway_connections[0].connection_mode = ConnectionMode::InitiatorOnly;
  EXPECT_THAT(rules(), HasSubstr(drops));
  EXPECT_LT(rules().find(drops), rules().find("udp dport { 500, 4500 } accept")) << "before everything of IKE is let in";
}

TEST(Gateways, ForwardNothingBetweenTheInternetAndTheNetworkInTheClear) {
  const auto model = sample::resolved_vpn_lab();
  const auto gateway = build_gateway(model, model.virtual_network_gateways[0], kTunnelPlaces);
  EXPECT_THAT(gateway.ruleset->text, HasSubstr("  iifname \"internet\" drop\n  oifname \"internet\" drop\n"));
  EXPECT_TRUE(is_dropped(gateway, "0.0.0.0/0")) << "what it has no route for";
  EXPECT_TRUE(is_routed_to(gateway, "192.168.0.0/16", tunnel_interface_name(*model.on_premises[0].public_ip_address)));
}

TEST(Gateways, SendEverythingIntoTheTunnelToTheirDefaultSite) {
  auto model = sample::vpn_lab();
  model.virtual_network_gateways[0].default_local_network_gateway = "dc-seen";
  model = sample::resolved(model);
  const auto gateway = build_gateway(model, model.virtual_network_gateways[0], kTunnelPlaces);
  EXPECT_TRUE(is_routed_to(gateway, "0.0.0.0/0", tunnel_interface_name(*model.on_premises[0].public_ip_address))) << "DEF-5";
  EXPECT_FALSE(is_dropped(gateway, "0.0.0.0/0"));
}

// What is private and has no tunnel never reaches the internet, where it would be translated.
TEST(Sites, DropPrivateDestinationsThatTheyHaveNoTunnelFor) {
  const auto model = sample::resolved_vpn_lab();
  const auto device = build_site(model, model.on_premises[0], kTunnelPlaces);
  for (const auto* range : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"}) EXPECT_TRUE(is_dropped(device, range)) << range;
  EXPECT_TRUE(is_routed_to(device, "0.0.0.0/0", std::string(kEdgeLink))) << "everything else goes there";
  EXPECT_TRUE(is_routed_to(device, "10.0.0.0/16", tunnel_interface_name(*model.virtual_network_gateways[0].public_ip_address)));
  EXPECT_TRUE(is_routed_to(device, "192.168.1.10/32", "host-server1"));
}

// A site's own addresses are at the site or nowhere, also those that are not private.
TEST(Sites, DropWhatIsForAnAddressOfTheirOwnThatNobodyHas) {
  auto model = sample::vpn_lab();
  model.on_premises[0].address_space = sample::prefixes({"20.5.0.0/16"});
  model.on_premises[0].hosts[0].ip_address = sample::address("20.5.1.10");
  model = sample::resolved(model);
  const auto device = build_site(model, model.on_premises[0], kTunnelPlaces);
  EXPECT_TRUE(is_dropped(device, "20.5.0.0/16"));
  EXPECT_TRUE(is_routed_to(device, "20.5.1.10/32", "host-server1"));
}

TEST(Sites, ShowTheInternetTheirOwnAddressOnly) {
  const auto model = sample::resolved_vpn_lab();
  const auto device = build_site(model, model.on_premises[0], kTunnelPlaces);
  const auto address = to_string(*model.on_premises[0].public_ip_address);
  EXPECT_THAT(device.ruleset->text, HasSubstr("oifname \"internet\" ip saddr != " + address + " snat ip to " + address));
}

}  // namespace emu
