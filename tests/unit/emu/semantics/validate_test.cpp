// SPDX-License-Identifier: Apache-2.0
// What needs more than one look at a model; what each rule says is held by tests/data/diagnostics.
#include "emu/semantics/validate.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "emu/semantics/resolve.hpp"
#include "emu/verify/target.hpp"
#include "tests/unit/emu/sample_services.hpp"
#include "tests/unit/emu/sample_vpn.hpp"

namespace {

using emu::sample::host;
using emu::sample::machine;
using emu::sample::network;
using emu::sample::peering;
using emu::sample::subnet;
using emu::sample::with_private;
using emu::sample::with_public;
using testing::ElementsAre;
using testing::IsEmpty;

/// The code, or where Azure has none the message, of each diagnostic.
std::vector<std::string> codes(const emu::Model& model, const emu::Model* previous = nullptr) {
  std::vector<std::string> found;
  for (const auto& d : emu::validate(model, {}, previous)) found.push_back(d.code.empty() ? d.message : d.code);
  return found;
}

emu::Model lab(std::vector<emu::VirtualNetwork> networks, std::vector<emu::VirtualMachine> machines = {}) {
  emu::Model model;
  model.lab = model.resource_group = "lab";
  model.location = "westus";
  model.virtual_networks = std::move(networks);
  model.virtual_machines = std::move(machines);
  return model;
}

emu::VirtualNetwork linked(emu::VirtualNetwork from, const std::vector<std::string>& remotes) {
  for (const auto& remote : remotes) from.peerings.push_back(peering("to-" + remote, remote));
  return from;
}

emu::Model two_peerable_networks() {
  return lab({linked(network("va", {"10.1.0.0/16"}), {"vb"}), linked(network("vb", {"10.2.0.0/16"}), {"va"})});
}

}  // namespace

TEST(Validate, NothingIsWrongWithNothing) { EXPECT_THAT(codes({}), IsEmpty()); }

TEST(Validate, PassesOverWhatTheReaderDidNotUnderstand) {
  auto unknown = network("net", {}, {subnet("web", {"10.0.0.0/24"}), subnet("none", {})});
  unknown.peerings = {peering("", ""), peering("", "")};
  auto nameless = machine("", "", "");
  auto model = lab({unknown, network("", {})}, {nameless, nameless, with_private(machine("vm", "net", "none"), "10.0.0.4")});
  model.internet.hosts.emplace_back();
  model.checks.emplace_back();
  EXPECT_THAT(codes(model), IsEmpty());
}

TEST(Validate, RunningLabCanBeBroughtUpAgain) {  // IPAM-2, PEER-9
  auto model = two_peerable_networks();
  model.virtual_networks[0].subnets = {subnet("s", {"10.1.0.0/29"})};
  model.virtual_machines = {machine("vm1", "va", "s"), with_private(machine("vm2", "va", "s"), "10.1.0.4"), machine("vm3", "va", "s")};
  const auto running = emu::resolve(model, nullptr).model;
  EXPECT_THAT(codes(model, &running), IsEmpty());
}

TEST(Validate, DynamicAddressThatBecomesStaticIsFreeForNobodyElse) {  // IPAM-3, IPAM-6
  auto model = lab({network("va", {"10.1.0.0/16"}, {subnet("s", {"10.1.0.0/24"})})}, {machine("vm1", "va", "s")});
  const auto running = emu::resolve(model, nullptr).model;
  model.virtual_machines = {with_private(machine("vm2", "va", "s"), "10.1.0.4"), with_private(machine("vm1", "va", "s"), "10.1.0.4")};
  EXPECT_THAT(codes(model, &running), ElementsAre("PrivateIPAddressIsAllocated"));
  model.virtual_machines[1] = with_private(machine("vm1", "va", "s"), "10.1.0.5");
  EXPECT_THAT(codes(model, &running), IsEmpty()) << "vm1 gives 10.1.0.4 back";
  model.virtual_machines.pop_back();
  EXPECT_THAT(codes(model, &running), IsEmpty()) << "vm1 is gone";
}

TEST(Validate, OneLinkIsEnoughToRefuseAnOverlap) {  // PEER-10
  EXPECT_THAT(codes(lab({linked(network("va", {"10.1.0.0/16"}), {"vb"}), network("vb", {"10.0.0.0/8"})})),
              ElementsAre("VnetAddressSpacesOverlap"));
}

TEST(Validate, OverlappingNetworksMayLiveSideBySide) {  // VNET-5
  EXPECT_THAT(codes(lab({network("a1", {"10.1.0.0/16"}), network("a2", {"10.1.0.0/16"})})), IsEmpty());
}

TEST(Validate, DisconnectedLinkCountsForOverlaps) {  // PEER-7
  auto model = two_peerable_networks();
  const auto running = emu::resolve(model, nullptr).model;
  model.virtual_networks[0].peerings.clear();
  EXPECT_THAT(codes(model, &running), IsEmpty());
  const auto disconnected = emu::resolve(model, &running).model;
  ASSERT_EQ(disconnected.virtual_networks[1].peerings[0].peering_state, emu::PeeringState::Disconnected);
  model.virtual_networks.push_back(network("vc", {"10.1.0.0/24"}));
  model.virtual_networks[1].peerings.push_back(peering("to-vc", "vc"));
  EXPECT_THAT(codes(model, &disconnected), ElementsAre("VnetAddressSpaceOverlapsWithAlreadyPeeredVnet"));
}

TEST(Validate, DisconnectedLinkIsMadeAnewInTwoSteps) {  // PEER-5, PEER-6
  const auto whole = two_peerable_networks();
  auto half = whole;
  half.virtual_networks[0].peerings.clear();
  auto none = half;
  none.virtual_networks[1].peerings.clear();
  const auto connected = emu::resolve(whole, nullptr).model;
  const auto disconnected = emu::resolve(half, &connected).model;
  EXPECT_THAT(codes(whole, &disconnected), ElementsAre("RemotePeeringIsDisconnected"));
  const auto cleared = emu::resolve(none, &disconnected).model;
  EXPECT_THAT(codes(whole, &cleared), IsEmpty());
  EXPECT_EQ(emu::resolve(whole, &cleared).model.virtual_networks[0].peerings[0].peering_state, emu::PeeringState::Connected);
}

TEST(Validate, BothLinksReplacedAtOnceAreANewPeering) {  // PEER-5
  auto model = two_peerable_networks();
  const auto running = emu::resolve(model, nullptr).model;
  model.virtual_networks[0].peerings[0].name = "new-to-vb";
  EXPECT_THAT(codes(model, &running), ElementsAre("RemotePeeringIsDisconnected"));
  model.virtual_networks[1].peerings[0].name = "new-to-va";
  EXPECT_THAT(codes(model, &running), IsEmpty());
}

TEST(Validate, GatewayTransitNeedsNoGatewayYet) {  // PEER-24
  auto model = two_peerable_networks();
  model.virtual_networks[0].peerings[0].allow_gateway_transit = true;
  EXPECT_THAT(codes(model), IsEmpty());
}

TEST(Validate, NamesCompareWithoutCase) {  // NAME-4
  auto model = two_peerable_networks();
  model.virtual_networks[0].subnets = {subnet("Web", {"10.1.0.0/24"})};
  model.virtual_machines = {machine("vm1", "VA", "wEB")};
  emu::Check check;
  check.from = "VM1";
  check.target = "vM1";
  model.checks = {check};
  EXPECT_THAT(codes(model), IsEmpty());
}

TEST(Validate, EmulatedInternetHasAnEnd) {
  constexpr int kMachines = 66'282;  // 3 * 251 + 65531 addresses, less one for each network
  auto model = lab({network("a1", {"10.0.0.0/8"}, {subnet("s", {"10.0.0.0/15"})}), network("a2", {"10.0.0.0/8"})});
  for (int i = 0; i < kMachines; ++i) model.virtual_machines.push_back(with_public(machine(fmt::format("vm{}", i), "a1", "s")));
  EXPECT_THAT(codes(model), IsEmpty());
  model.internet.hosts = {host("laptop", "203.0.113.200")};
  EXPECT_THAT(codes(model), ElementsAre("the emulated internet has 66284 addresses, and this lab needs 66285"));
}

TEST(Validate, AddressesThatAreNamedElsewhereTakeNoneOfThoseThatAreGiven) {
  auto model = lab({network("a1", {"10.0.0.0/8"}, {subnet("s", {"10.0.0.0/15"})})});
  for (int i = 0; i < 66'283; ++i) model.virtual_machines.push_back(with_public(machine(fmt::format("vm{}", i), "a1", "s")));
  // The last one is in a range that addresses are given from, and is never given (SUB-2).
  model.internet.hosts = {host("dns", "8.8.8.8"), host("site", "168.62.225.23"), host("reserved", "203.0.113.1")};
  EXPECT_THAT(codes(model), IsEmpty());
}

// LIM-1
TEST(Validate, ASideOfARuleHasFourThousandAddresses) {
  auto guarded = subnet("guarded", {"10.0.0.0/24"});
  guarded.network_security_group = "group";
  auto model = lab({network("net", {"10.0.0.0/16"}, {guarded})});
  emu::SecurityRule rule;
  rule.name = "many";
  rule.priority = 100;
  rule.destination = {{{}}, {"*"}, {}};
  rule.source.port_ranges = {{}};
  for (std::uint32_t i = 0; i < 4000; ++i) rule.source.address_prefixes.push_back(to_string(emu::Ipv4Address{0x0A000000 + i}));
  model.network_security_groups = {{"group", "", {rule}}};
  EXPECT_THAT(codes(model), IsEmpty());
  model.network_security_groups[0].security_rules[0].source.address_prefixes.emplace_back("10.9.0.0/16");
  EXPECT_THAT(codes(model), ElementsAre("one side of a rule has at most 4000 addresses"));
}

// VPN-9: 10 tunnels of Basic, 30 of most SKUs, 100 of the large ones.
TEST(Validate, AGatewayHasAsManyTunnelsAsItsSku) {
  const auto with_tunnels = [](const char* sku, int tunnels) {
    auto model = lab({network("net", {"10.0.0.0/16"}, {subnet("GatewaySubnet", {"10.0.255.0/27"})})});
    emu::VirtualNetworkGateway gateway;
    gateway.name = "gw";
    gateway.virtual_network = "net";
    gateway.sku = sku;
    model.virtual_network_gateways = {gateway};
    for (int i = 0; i < tunnels; ++i) {
      const auto name = fmt::format("site{}", i);
      model.on_premises.push_back({});
      model.on_premises.back().name = name;
      model.on_premises.back().address_space = emu::sample::prefixes({fmt::format("192.168.{}.0/24", i)});
      model.local_network_gateways.push_back({name + "-seen", "on_premises." + name, model.on_premises.back().address_space});
      emu::VirtualNetworkGatewayConnection connection;
      connection.name = "to-" + name;
      connection.virtual_network_gateway = "gw";
      connection.local_network_gateway = name + "-seen";
      model.virtual_network_gateway_connections.push_back(connection);
    }
    return codes(model);
  };
  for (const auto& [sku, most] :
       {std::pair{"Basic", 10}, std::pair{"VpnGw1", 30}, std::pair{"VpnGw3AZ", 30}, std::pair{"VpnGw4", 100}, std::pair{"VpnGw5AZ", 100}}) {
    EXPECT_THAT(with_tunnels(sku, most), IsEmpty()) << sku;
    EXPECT_THAT(with_tunnels(sku, most + 1), ElementsAre(testing::HasSubstr(fmt::format("has {} at most", most)))) << sku;
  }
}

// VNET-5, IPAM-3: the address that a machine leaves behind in one network is free in another of the same addresses.
TEST(Validate, AMachineThatMovesHoldsItsOldAddressNowhere) {
  const auto subnets = std::vector{subnet("s", {"10.1.0.0/24"})};
  auto model = lab({network("va", {"10.1.0.0/16"}, subnets), network("vb", {"10.1.0.0/16"}, subnets)}, {machine("vm1", "va", "s")});
  const auto running = emu::resolve(model, nullptr).model;
  model.virtual_machines = {machine("vm1", "vb", "s"), with_private(machine("vm2", "vb", "s"), "10.1.0.4")};
  EXPECT_THAT(codes(model, &running), IsEmpty());
  model.virtual_machines[0] = machine("vm1", "va", "s");
  model.virtual_machines[1] = with_private(machine("vm2", "va", "s"), "10.1.0.4");
  EXPECT_THAT(codes(model, &running), ElementsAre("PrivateIPAddressIsAllocated")) << "where it stays it keeps it";
}

// LIM-1
TEST(Validate, ARouteTableHasTwentyFiveRoutesToTags) {
  auto routed = subnet("s", {"10.1.0.0/24"});
  routed.route_table = "rt";
  auto model = lab({network("va", {"10.1.0.0/16"}, {routed})});
  const auto to_tag = [](int i) {
    return emu::sample::route(fmt::format("r{}", i), fmt::format("Storage.r{}", i), emu::NextHopType::None);
  };
  std::vector<emu::UserDefinedRoute> routes;
  for (int i = 0; i < 25; ++i) routes.push_back(to_tag(i));
  routes.push_back(emu::sample::route("prefix", "10.9.0.0/16", emu::NextHopType::None));
  model.route_tables = {emu::sample::route_table("rt", routes)};
  model.route_tables[0].location = "westus";
  EXPECT_THAT(codes(model), IsEmpty());
  model.route_tables[0].routes.push_back(to_tag(25));
  EXPECT_THAT(codes(model), ElementsAre("a route table has at most 25 routes to service tags"));
}

// SE-12
TEST(Validate, AFirewallOfAStorageAccountHasFourHundredRulesOfAKind) {
  auto model = lab({network("va", {"10.1.0.0/16"})});
  auto account = emu::sample::account("contosodata");
  for (std::uint32_t i = 0; i < 400; ++i) account.network_rules.ip_rules.push_back({{0x14000000U + i}, 32});  // 20.0.0.0 and on
  model.storage_accounts = {account};
  EXPECT_THAT(codes(model), IsEmpty());
  model.storage_accounts[0].network_rules.ip_rules.push_back(emu::sample::prefix("20.1.0.0/16"));
  EXPECT_THAT(codes(model), ElementsAre("a firewall of Microsoft.Storage has at most 400 rules of a kind, not 401"));
}

// VPN-12
TEST(Validate, ASilentPeerIsWaitedForNineSecondsToAnHour) {
  const auto with_timeout = [](std::uint32_t seconds) {
    auto model = emu::sample::vpn_lab();
    model.resource_group = "vpn";
    model.virtual_network_gateway_connections[0].dpd_timeout_seconds = seconds;
    return codes(model);
  };
  for (const auto seconds : {9U, 45U, 3600U}) EXPECT_THAT(with_timeout(seconds), IsEmpty()) << seconds;
  for (const auto seconds : {8U, 3601U})
    EXPECT_THAT(with_timeout(seconds), ElementsAre(fmt::format("'dpd_timeout_seconds' is 9 to 3600, not {}", seconds)));
}

// What nothing uses may be what a wrong name means.
TEST(Validate, WhatNothingUsesIsToldWhereNothingIsWrong) {
  auto model = lab({network("va", {"10.1.0.0/16"}, {subnet("s", {"10.1.0.0/24"})})});
  model.route_tables = {emu::sample::route_table("rt", {})};
  EXPECT_THAT(codes(model), ElementsAre("nothing uses route table 'rt'"));
  model.virtual_networks[0].subnets.push_back(subnet("outside", {"10.2.0.0/24"}));
  EXPECT_THAT(codes(model), ElementsAre("NetcfgInvalidSubnet"));
}

TEST(Validate, EverySpokeOfALargeHubIsLookedAtOnce) {
  constexpr int kSpokes = 500;  // LIM-1
  auto hub = network("hub", {"10.255.0.0/16"});
  std::vector<emu::VirtualNetwork> networks;
  for (int i = 0; i < kSpokes; ++i) {
    const auto block = fmt::format("10.{}.{}.0/24", i / 256, i % 256);
    networks.push_back(linked(network(fmt::format("spoke{}", i), {block}), {"hub"}));
    hub.peerings.push_back(peering(fmt::format("to-{}", i), networks.back().name));
  }
  networks.push_back(hub);
  EXPECT_THAT(codes(lab(networks)), IsEmpty());
  networks[7].address_space = networks[3].address_space;
  EXPECT_THAT(codes(lab(networks)), ElementsAre("VnetAddressSpaceOverlapsWithAlreadyPeeredVnet"));
}

TEST(Validate, AcceptsTheTargetsThatVerifyCanRead) {
  const auto model = lab({network("va", {"10.1.0.0/16"}, {subnet("s", {"10.1.0.0/24"})})}, {with_public(machine("vm1", "va", "s"))});
  using enum emu::CheckKind;
  const std::vector<std::pair<emu::CheckKind, std::string>> targets{
      {Ping, "vm1"},
      {Ping, "vm1.public"},
      {Ping, "10.1.0.4"},
      {Ping, "vm1:22"},
      {Ping, "vm1/"},
      {Ping, "fd00::4"},
      {Ping, "vm1 "},
      {Tcp, "vm1:22"},
      {Tcp, "vm1"},
      {Tcp, "vm1:"},
      {Tcp, "vm1:0"},
      {Tcp, "vm1:65536"},
      {Tcp, ":22"},
      {Tcp, "vm1:22/"},
      {Tcp, "fd00::4:22"},
      {Tcp, "[fd00::4]:22"},
      {Tcp, "vm1:+22"},
      {Tcp, "a@vm1:22"},
      {Http, "http://vm1"},
      {Http, "http://vm1/"},
      {Http, "HTTP://vm1"},
      {Http, "http://vm1:8080"},
      {Http, "http://vm1?a=b"},
      {Http, "http://vm1#a"},
      {Http, "https://vm1"},
      {Http, "vm1"},
      {Http, "http://"},
      {Http, "http:///"},
      {Http, "http://vm1:"},
      {Http, "http://vm1:x"},
      {Http, "http://a@vm1/"},
      {Http, "http://vm1/a b"},
      {Http, "http://vm1/\xC3\xA9"},
      {Http, "http://[::1]/"},
      {Http, "http://10.1.0.4:80/x"},
  };
  const auto running = emu::resolve(model, nullptr).model;
  for (const auto& [kind, target] : targets) {
    auto with_check = model;
    emu::Check check;
    check.from = "vm1";
    check.kind = kind;
    check.target = target;
    with_check.checks = {check};
    const auto parsed = emu::parse_target(kind, target);
    const bool can_run = parsed && emu::address_of(running, parsed->host);
    EXPECT_EQ(codes(with_check).empty(), can_run) << to_string(kind) << ' ' << target;
  }
}
