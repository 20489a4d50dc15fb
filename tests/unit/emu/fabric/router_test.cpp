// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/router.hpp"

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <vector>

#include "emu/fabric/names.hpp"
#include "netns/netlink/requests.hpp"
#include "tests/unit/emu/sample_vpn.hpp"

namespace sample = emu::sample;
using emu::Model;
using netns::Namespace;
using sample::resolved;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

namespace {

constexpr std::uint32_t kDefaultTable = 0x0a000000;  // 10.0.0.0

/// a 10.0.0.0/16 (default 10.0.0.0/24, web 10.0.1.0/24) peered with b 10.1.0.0/16
Model model_of(bool second_side = true) {
  Model model;
  model.lab = "lab";
  model.virtual_networks = {
      sample::network("a", {"10.0.0.0/16"}, {sample::subnet("default", {"10.0.0.0/24"}), sample::subnet("web", {"10.0.1.0/24"})}),
      sample::network("b", {"10.1.0.0/16"}, {sample::subnet("default", {"10.1.0.0/24"})})};
  model.virtual_networks[0].peerings = {sample::peering("a-to-b", "B")};
  if (second_side) model.virtual_networks[1].peerings = {sample::peering("b-to-a", "a")};
  model.virtual_machines = {sample::with_public(sample::with_private(sample::machine("vm1", "a", "default"), "10.0.0.4"), "203.0.113.4"),
                            sample::with_private(sample::machine("fw", "A", "WEB"), "10.0.1.4"),
                            sample::with_private(sample::machine("vm2", "b", "default"), "10.1.0.4")};
  model.virtual_machines[1].ip_forwarding = true;
  return model;
}

Namespace router(const Model& model, std::size_t network = 0) { return build_router(model, model.virtual_networks.at(network)); }

std::vector<std::string> routes(const Namespace& name_space, std::uint32_t table) {
  std::vector<std::string> lines;
  for (const auto& route : name_space.routes) {
    if (route.table != table) continue;
    auto line = describe(route);
    lines.push_back(line.substr(0, line.find(" table ")));
  }
  return lines;
}

std::set<std::string> elements(const Namespace& name_space, const std::string& set) { return name_space.ruleset->elements.at(set); }

}  // namespace

TEST(Router, HasABridgeForEverySubnetWithItsFirstAddress) {
  const auto a = router(resolved(model_of()));
  ASSERT_TRUE(a.links.contains("br-default"));
  ASSERT_TRUE(a.links.contains("br-web"));
  EXPECT_THAT(a.links.at("br-web").addresses, ElementsAre(netns::InterfaceAddress{sample::address("10.0.1.1"), 24, true}));
  EXPECT_EQ(to_string(a.links.at("br-web").address.value()), "12:34:56:78:9a:bc") << "L3-5";
}

TEST(Router, TableOfASubnetIsItsFirstAddress) {
  EXPECT_THAT(router(resolved(model_of())).rules,
              ElementsAre(netns::Rule{1000, "br-default", kDefaultTable}, netns::Rule{1000, "br-web", kDefaultTable + 256}));
}

TEST(Router, MachinesArePortsThatReachOnlyTheBridge) {
  const auto a = router(resolved(model_of()));
  const auto& port = a.links.at("vm-vm1");
  EXPECT_EQ(port.peer, (netns::VethPeer{"lab.vm1", "eth0"}));
  EXPECT_EQ(port.master, "br-default");
  EXPECT_TRUE(port.isolated);
  EXPECT_EQ(a.links.at("vm-fw").master, "br-web") << "names are compared without regard to case (NAME-4)";
  EXPECT_FALSE(a.links.contains("vm-vm2")) << "a machine of another network";
}

// L3-1: no frame is broadcast to find a machine.
TEST(Router, KnowsItsMachinesWithoutAsking) {
  const auto a = router(resolved(model_of()));
  EXPECT_THAT(a.neighbours, testing::SizeIs(2));
  EXPECT_THAT(a.neighbours,
              testing::Contains(netns::Neighbour{"br-default", sample::address("10.0.0.4"), {{0, 0x0d, 0x3a, 0, 0, 4}}, "vm-vm1"}));
}

// RT-1 and RT-3: the network itself, the peer, the internet, and what nobody has.
TEST(Router, EffectiveRoutesBecomeThrowUnicastAndBlackhole) {
  const auto model = resolved(model_of());
  const auto found = routes(router(model), kDefaultTable);
  const auto to_b = "10.1.0.0/16 via " + to_string(emu::router_address(model.virtual_networks[1])) + " dev peer-b";
  EXPECT_THAT(found, IsSupersetOf({std::string("throw 10.0.0.0/16"), to_b, std::string("default via 169.254.0.1 dev internet"),
                                   std::string("blackhole 10.0.0.0/8"), std::string("blackhole 192.168.0.0/16"),
                                   std::string("blackhole 169.254.0.0/16")}));
}

// What comes in by a peering or from the internet finds the subnets and nothing else (PEER-13).
TEST(Router, MainTableKnowsOnlyTheNetworkItself) {
  EXPECT_THAT(routes(router(resolved(model_of())), netns::kMainTable), UnorderedElementsAre("blackhole 10.0.0.0/16", "blackhole default"));
}

TEST(Router, BlackholesNoBlockThatIsASubnetAsAWhole) {
  Model model;
  model.virtual_networks = {sample::network("a", {"10.0.0.0/24"}, {sample::subnet("default", {"10.0.0.0/24"})})};
  EXPECT_THAT(routes(router(resolved(model)), netns::kMainTable), ElementsAre("blackhole default"));
}

TEST(Router, LinksToAPeerOnlyWhenBothSidesAgree) {
  EXPECT_TRUE(router(resolved(model_of())).links.contains("peer-b"));
  const auto half = router(resolved(model_of(false)));
  EXPECT_FALSE(half.links.contains("peer-b"));
  EXPECT_THAT(routes(half, kDefaultTable), Not(Contains(HasSubstr("10.1.0.0/16"))));
}

TEST(Router, AddressesOfRoutersAreDistinctAndLinkLocal) {
  const auto model = resolved(model_of());
  const auto a = emu::router_address(model.virtual_networks[0]);
  const auto b = emu::router_address(model.virtual_networks[1]);
  EXPECT_NE(a, b);
  for (const auto address : {a, b, emu::internet_address()}) EXPECT_TRUE(netns::Ipv4Prefix::parse("169.254.0.0/16")->contains(address));
  EXPECT_NE(a, emu::internet_address());
  EXPECT_NE(b, emu::internet_address());
}

TEST(Router, BindsMachinesToTheirAddressesUnlessTheyForward) {
  const auto a = router(resolved(model_of()));
  EXPECT_THAT(elements(a, "bridge ports bindings"),
              ElementsAre("\"vm-fw\" . 00:0d:3a:00:01:04 . 10.0.1.4", "\"vm-vm1\" . 00:0d:3a:00:00:04 . 10.0.0.4"));
  EXPECT_THAT(elements(a, "bridge ports forwarders"), ElementsAre("\"vm-fw\" . 00:0d:3a:00:01:04"));
}

TEST(Router, TranslatesPublicAddressesOneToOne) {
  const auto a = router(resolved(model_of()));
  EXPECT_THAT(elements(a, "inet router to_public"), ElementsAre("10.0.0.4 : 203.0.113.4"));
  EXPECT_THAT(elements(a, "inet router to_private"), ElementsAre("203.0.113.4 : 10.0.0.4"));
  EXPECT_THAT(elements(a, "inet router with_public_address"), ElementsAre("10.0.0.4"));
}

// A machine more is an element more: the text, which is what costs when it changes, stays.
TEST(Router, RulesetTextDoesNotDependOnMachines) {
  auto model = model_of();
  const auto with = router(resolved(model));
  std::erase_if(model.virtual_machines, [](const auto& machine) { return !machine.ip_forwarding; });
  const auto without = router(resolved(model));
  EXPECT_EQ(with.ruleset->text, without.ruleset->text);
  EXPECT_NE(with.ruleset->digest, without.ruleset->digest);
}

// NSG-11: what an appliance passes on comes through the router twice, and the first refusal ends what the kernel knows of its flow.
TEST(Router, RemembersRefusalsOnlyWhereAnApplianceMayBringThemBack) {
  auto model = model_of();
  EXPECT_THAT(router(resolved(model)).ruleset->text, HasSubstr("update @refused"));
  std::erase_if(model.virtual_machines, [](const auto& machine) { return machine.ip_forwarding; });
  EXPECT_THAT(router(resolved(model)).ruleset->text, Not(HasSubstr("refused")));
}

TEST(Router, ClosesALinkWithoutVirtualNetworkAccessToWhatNoGroupJudges) {
  auto model = model_of();
  EXPECT_THAT(router(resolved(model)).ruleset->text, Not(HasSubstr("peer-b"))) << "PEER-17: forwarded packets are not blocked";
  model.virtual_networks[0].peerings[0].allow_virtual_network_access = false;
  const auto text = router(resolved(model)).ruleset->text;
  EXPECT_THAT(text, HasSubstr("  iifname \"peer-b\" drop\n")) << "PEER-16";
  EXPECT_THAT(text, HasSubstr("  oifname \"peer-b\" ip daddr { 10.1.0.0/16 } drop\n")) << "PEER-16";
}

// PEER-16, TAG-1: in the spoke what comes through the peer's gateway is not the peer's own; in the hub the gateway has no group that
// could let in what the flag keeps out.
TEST(Router, LetsWhatComesThroughAGatewayOverTheSpokesLinkWithoutVirtualNetworkAccess) {
  auto model = sample::vpn_lab();
  for (auto& network : model.virtual_networks) network.peerings[0].allow_virtual_network_access = false;
  const auto hub = router(resolved(model), 0).ruleset->text;
  EXPECT_THAT(hub, HasSubstr("  iifname \"peer-spoke\" drop\n"));
  EXPECT_THAT(hub, HasSubstr("  oifname \"peer-spoke\" ip daddr { 10.1.0.0/16 } drop\n"));
  const auto spoke = router(resolved(model), 1).ruleset->text;
  EXPECT_THAT(spoke, HasSubstr("  iifname \"peer-hub\" ip saddr != { 172.16.9.0/24, 192.168.0.0/16 } drop\n"));
  EXPECT_THAT(spoke, HasSubstr("  oifname \"peer-hub\" ip daddr { 10.0.0.0/16 } drop\n"));
}

TEST(Router, CountsForwardedPacketsAsVirtualNetworkWhereTheLinkSaysSo) {
  auto model = model_of();
  model.network_security_groups = {{"nsg", "", {}}};
  model.virtual_machines[0].network_security_group = "nsg";
  const std::string forwarded = "iifname \"peer-b\" ip saddr != { 10.1.0.0/16 } rt ip nexthop vmap @receivers_forwarded";
  EXPECT_THAT(router(resolved(model)).ruleset->text, Not(HasSubstr("receivers_forwarded")));
  model.virtual_networks[0].peerings[0].allow_forwarded_traffic = true;
  const auto text = router(resolved(model)).ruleset->text;
  ASSERT_THAT(text, HasSubstr(forwarded)) << "PEER-17";
  EXPECT_LT(text.find(forwarded), text.find("rt ip nexthop vmap @receivers\n")) << "before the usual rules";
  EXPECT_THAT(elements(router(resolved(model)), "inet router receivers_forwarded"), SizeIs(1)) << "who has no group is not judged";
}

// PEER-16: behind the sender's groups, which may let a packet go to a peer that the flag keeps from others.
TEST(Router, GroupsOfASenderHaveTheLastWordAboutWhatGoesToPeers) {
  auto model = model_of();
  model.virtual_networks[0].peerings[0].allow_virtual_network_access = false;
  model.network_security_groups = {{"nsg", "", {}}};
  model.virtual_machines[0].network_security_group = "nsg";
  const auto text = router(resolved(model)).ruleset->text;
  EXPECT_THAT(text, HasSubstr(" chain senders/nsg//0 {\n"
                              "  jump outbound/nsg/0\n"
                              "  oifname \"peer-*\" accept\n"
                              "  oifname \"via-*\" accept\n"
                              " }\n"));
  EXPECT_LT(text.find("vmap @senders"), text.find("oifname \"peer-b\" ip daddr"));
}

// PIP-6: each address has its SKU.
TEST(Router, OpensABasicPublicAddressOnly) {
  auto model = model_of();
  model.virtual_machines.push_back(
      sample::with_public(sample::with_private(sample::machine("old", "a", "web"), "10.0.1.5"), "203.0.113.5"));
  model.virtual_machines.back().public_ip_address_sku = emu::PublicIpAddressSku::Basic;
  const auto a = router(resolved(model));
  EXPECT_THAT(elements(a, "inet router open_to_internet"), ElementsAre("10.0.1.5"));
  EXPECT_THAT(a.ruleset->text, HasSubstr("  iifname \"internet\" ip daddr != @open_to_internet drop\n"));
}

// PIP-9, PIP-10: it is about what leaves by the edge from there; what has a public address is let out before.
TEST(Router, LetsNothingOutOfASubnetWithoutDefaultOutboundAccess) {
  auto model = model_of();
  EXPECT_THAT(router(resolved(model)).ruleset->text, Not(HasSubstr("ip saddr { 10.0.1.0/24 }")));
  model.virtual_networks[0].subnets[1].default_outbound_access = false;
  const auto text = router(resolved(model)).ruleset->text;
  const std::string closed = "  oifname \"internet\" ip saddr { 10.0.1.0/24 } drop\n";
  ASSERT_THAT(text, HasSubstr(closed));
  EXPECT_LT(text.find("  oifname \"internet\" ip saddr @with_public_address accept\n"), text.find(closed));
}

// PEER-19: from a spoke that uses the gateway everything goes to it but what is for the hub itself; the table is no subnet's.
TEST(Router, SendsWhatASpokeHasForOthersToTheGateway) {
  const auto model = resolved(sample::vpn_lab());
  const auto hub = router(model, 0);
  const auto table = sample::address("10.0.255.0").value + 1;
  EXPECT_THAT(hub.rules, Contains(netns::Rule{1000, "peer-spoke", table}));
  const auto gateway = to_string(*model.virtual_network_gateways[0].private_ip_address);
  EXPECT_THAT(routes(hub, table),
              UnorderedElementsAre("throw 10.0.0.0/16", "default via " + gateway + " dev " + emu::bridge_name("GatewaySubnet", 0)));
  for (const auto& subnet : model.virtual_networks[0].subnets) EXPECT_NE(table, subnet.address_prefixes[0].first().value);
}

// RT-7: what is behind the tunnels is reached by the gateway from every subnet but its own: what it sends never comes back to it.
TEST(Router, SendsNothingOfTheGatewaysBackToIt) {
  const auto model = resolved(sample::vpn_lab());
  const auto hub = router(model, 0);
  const auto gateway = to_string(*model.virtual_network_gateways[0].private_ip_address);
  EXPECT_THAT(routes(hub, sample::address("10.0.0.0").value),
              Contains("192.168.0.0/16 via " + gateway + " dev " + emu::bridge_name("GatewaySubnet", 0)));
  EXPECT_THAT(routes(hub, sample::address("10.0.255.0").value), Contains("blackhole 192.168.0.0/16"));
}

TEST(Shards, AreDecidedByTheAddressAlone) {
  const auto subnet = sample::subnet("big", {"10.0.0.0/20", "10.2.0.0/24"});
  EXPECT_EQ(shard_of(subnet, sample::address("10.0.0.4")), 0U);
  EXPECT_EQ(shard_of(subnet, {0x0a000000 + 1019}), 0U);
  EXPECT_EQ(shard_of(subnet, {0x0a000000 + 1020}), 1U);
  EXPECT_EQ(shard_of(subnet, sample::address("10.2.0.4")), 4U);
}

TEST(Shards, HoldNoMorePortsThanABridgeTakes) {
  const auto subnet = sample::subnet("big", {"10.0.0.0/20"});
  std::map<unsigned, int> ports;
  for (std::uint32_t i = 0; i < 4096; ++i) ++ports[shard_of(subnet, {0x0a000000 + i})];
  for (const auto& [shard, count] : ports) EXPECT_LE(count, 1023) << shard;
}

TEST(Shards, HaveARuleForTheSubnetsTableAndARouteForEachMachine) {
  Model model;
  model.lab = "lab";
  model.virtual_networks = {sample::network("a", {"10.0.0.0/16"}, {sample::subnet("big", {"10.0.0.0/20"})})};
  model.virtual_machines = {sample::with_private(sample::machine("vm1", "a", "big"), "10.0.4.0")};
  const auto a = router(resolved(model));
  EXPECT_THAT(a.rules, ElementsAre(netns::Rule{1000, "br-big", kDefaultTable}, netns::Rule{1000, "br-big#1", kDefaultTable}));
  EXPECT_THAT(routes(a, netns::kMainTable), Contains("10.0.4.0/32 dev br-big#1"));
  EXPECT_EQ(a.links.at("vm-vm1").master, "br-big#1");
  EXPECT_FALSE(a.links.at("br-big#1").addresses.begin()->prefix_route) << "the prefix leads to the first bridge";
}

TEST(MacAddresses, AreUniqueInASubnet) {
  for (const auto& subnet : {sample::subnet("one", {"10.0.0.0/16"}), sample::subnet("several", {"10.0.0.0/17", "10.9.0.0/17"}),
                             sample::subnet("far apart", {"10.0.0.0/17", "172.16.0.0/17"})}) {
    std::set<netns::MacAddress> seen;
    std::uint64_t addresses = 0;
    for (const auto& prefix : subnet.address_prefixes) {
      addresses += prefix.size();
      for (std::uint64_t i = 0; i < prefix.size(); ++i)
        seen.insert(mac_address(subnet, {prefix.first().value + static_cast<std::uint32_t>(i)}));
    }
    EXPECT_EQ(seen.size(), addresses) << subnet.name;
    for (const auto& mac : seen) ASSERT_EQ(mac.bytes[0] & 1, 0) << "no machine is a group";
  }
}

TEST(MacAddresses, HaveMicrosoftsPrefix) {
  EXPECT_EQ(to_string(mac_address(sample::subnet("s", {"10.0.0.0/24"}), sample::address("10.0.0.4"))), "00:0d:3a:00:00:04") << "IPAM-9";
}
