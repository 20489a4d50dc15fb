// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/reachability.hpp"

#include <gmock/gmock.h>

#include "tests/unit/emu/sample_model.hpp"

namespace sample = emu::sample;
using emu::CheckKind;
using emu::Fate;
using emu::Model;
using emu::NextHopType;
using emu::Prediction;
using emu::RuleAccess;
using emu::RuleDirection;
using sample::resolved;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

Prediction ask(const Model& model, const std::string& from, const std::string& to, CheckKind kind = CheckKind::Ping,
               std::uint16_t port = 0) {
  const auto now = resolved(model);
  return predict(now, {from, address_of(now, to).value(), kind, port});
}

Prediction ping(const Model& model, const std::string& from, const std::string& to) { return ask(model, from, to); }
Prediction tcp(const Model& model, const std::string& from, const std::string& to, std::uint16_t port = 80) {
  return ask(model, from, to, CheckKind::Tcp, port);
}

emu::SecurityRule rule(std::string name, RuleDirection direction, RuleAccess access, std::string source, std::string destination) {
  emu::SecurityRule out;
  out.name = std::move(name);
  out.priority = 100;
  out.direction = direction;
  out.access = access;
  out.source = {{{}}, {std::move(source)}, {}};
  out.destination = {{{}}, {std::move(destination)}, {}};
  return out;
}

/// net 10.0.0.0/16: a (10.0.0.0/24, vm1), b (10.0.1.0/24, vm2, which serves 80), nva (10.0.2.0/24, with nva at .4); laptop.
Model one_network() {
  Model model;
  model.lab = "lab";
  model.virtual_networks = {sample::network(
      "net", {"10.0.0.0/16"},
      {sample::subnet("a", {"10.0.0.0/24"}), sample::subnet("b", {"10.0.1.0/24"}), sample::subnet("nva", {"10.0.2.0/24"})})};
  model.virtual_machines = {sample::machine("vm1", "net", "a"), sample::machine("vm2", "net", "b"),
                            sample::with_private(sample::machine("nva", "net", "nva"), "10.0.2.4")};
  model.virtual_machines[1].web = 80;
  model.virtual_machines[2].ip_forwarding = true;
  model.internet.hosts = {sample::host("laptop", "203.0.113.200")};
  return model;
}

Model with_table(Model model, std::size_t subnet, std::string_view prefix, NextHopType type, std::string_view next_hop = {}) {
  const auto name = "table" + std::to_string(model.route_tables.size());
  model.route_tables.push_back(sample::route_table(name, {sample::route("out", prefix, type, next_hop)}));
  model.virtual_networks[0].subnets[subnet].route_table = name;
  return model;
}

Model with_group(Model model, std::size_t subnet, std::vector<emu::SecurityRule> rules) {
  const auto name = "group" + std::to_string(model.network_security_groups.size());
  model.network_security_groups.push_back({name, "", std::move(rules)});
  model.virtual_networks[0].subnets[subnet].network_security_group = name;
  return model;
}

constexpr auto kAppliance = NextHopType::VirtualAppliance;

/// hub 10.0.0.0/16 with nva 10.0.2.4; spoke1 10.1.0.0/16 with app1, spoke2 10.2.0.0/16 with app2; both route 10.0.0.0/8 to nva.
Model hub_and_spokes() {
  Model model;
  model.lab = "lab";
  model.virtual_networks = {sample::network("hub", {"10.0.0.0/16"}, {sample::subnet("nva", {"10.0.2.0/24"})}),
                            sample::network("spoke1", {"10.1.0.0/16"}, {sample::subnet("app", {"10.1.0.0/24"})}),
                            sample::network("spoke2", {"10.2.0.0/16"}, {sample::subnet("app", {"10.2.0.0/24"})})};
  model.virtual_networks[0].peerings = {sample::peering("to-spoke1", "spoke1"), sample::peering("to-spoke2", "spoke2")};
  model.route_tables = {sample::route_table("via", {sample::route("all", "10.0.0.0/8", kAppliance, "10.0.2.4")})};
  for (std::size_t i : {1U, 2U}) {
    model.virtual_networks[i].peerings = {sample::peering("to-hub", "hub")};
    model.virtual_networks[i].peerings[0].allow_forwarded_traffic = true;
    model.virtual_networks[i].subnets[0].route_table = "via";
  }
  model.virtual_machines = {sample::with_private(sample::machine("nva", "hub", "nva"), "10.0.2.4"),
                            sample::machine("app1", "spoke1", "app"), sample::machine("app2", "spoke2", "app")};
  model.virtual_machines[0].ip_forwarding = true;
  return model;
}

}  // namespace

// RT-1, SUB-15
TEST(Reachability, NeighboursAnswerAndRefuseWhatTheyDoNotServe) {
  const auto model = one_network();
  EXPECT_EQ(ping(model, "vm1", "vm2").fate, Fate::Answers);
  EXPECT_EQ(tcp(model, "vm1", "vm2").fate, Fate::Answers);
  EXPECT_EQ(tcp(model, "vm1", "vm2", 4).fate, Fate::Refused);
  const auto prediction = ping(model, "vm1", "vm2");
  EXPECT_EQ(prediction.answered_by, "vm2");
  EXPECT_THAT(prediction.there, ElementsAre(emu::Step{"net/a", "route 10.0.0.0/16 -> VnetLocal", "net"}));
  EXPECT_THAT(prediction.back, ElementsAre(emu::Step{"net/b", "route 10.0.0.0/16 -> VnetLocal", "net"}));
}

TEST(Reachability, OfANodeThatIsNotThereIsNoQuestion) {
  const auto model = resolved(one_network());
  EXPECT_THROW(predict(model, {"nobody", sample::address("10.0.0.4"), CheckKind::Ping, 0}), std::invalid_argument);
}

// VNET-5: what answers at an address depends on who asks.
TEST(Reachability, NamesTheNodeThatHasTheAddressThere) {
  auto model = one_network();
  model.virtual_networks.push_back(sample::network("other", {"10.0.0.0/16"}, {sample::subnet("a", {"10.0.0.0/24"})}));
  model.virtual_machines.push_back(sample::machine("stranger", "other", "a"));
  EXPECT_EQ(ping(model, "vm2", "stranger").answered_by, "vm1");
}

// RT-3, RT-9, PEER-13
TEST(Reachability, APrivateAddressWithoutARouteIsDropped) {
  auto model = one_network();
  model.virtual_networks.push_back(sample::network("other", {"10.9.0.0/16"}, {sample::subnet("a", {"10.9.0.0/24"})}));
  model.virtual_machines.push_back(sample::machine("far", "other", "a"));
  const auto prediction = ping(model, "vm1", "far");
  EXPECT_EQ(prediction.fate, Fate::Silent);
  EXPECT_THAT(prediction.reason, HasSubstr("route 10.0.0.0/8 -> None"));
  EXPECT_THAT(prediction.back, IsEmpty());
}

// NSG-8, NSG-11, NSG-13
TEST(Reachability, ASecurityRuleDropsWhatOpensAFlowAndNoAnswer) {
  const auto model = with_group(one_network(), 1, {rule("no-vm1", RuleDirection::Inbound, RuleAccess::Deny, "10.0.0.0/24", "*")});
  const auto in = tcp(model, "vm1", "vm2");
  EXPECT_EQ(in.fate, Fate::Silent);
  EXPECT_EQ(in.reason, "vm vm2: group0 inbound: Deny no-vm1 (100)");
  const auto answered = ping(model, "vm2", "vm1");
  EXPECT_EQ(answered.fate, Fate::Answers);
  EXPECT_EQ(answered.back.back(), (emu::Step{"vm vm2", "lets the answer of a known flow pass", "vm2"}));

  const auto out = with_group(one_network(), 0, {rule("no-b", RuleDirection::Outbound, RuleAccess::Deny, "*", "10.0.1.0/24")});
  EXPECT_THAT(ping(out, "vm1", "vm2").reason, HasSubstr("group0 outbound: Deny no-b (100)"));
}

// PIP-9, PIP-11: no echo requests by default outbound access; without it nothing.
TEST(Reachability, ByDefaultOutboundAccessGoesEverythingButPing) {
  auto model = one_network();
  EXPECT_THAT(ping(model, "vm1", "laptop").reason, HasSubstr("(PIP-9)"));
  EXPECT_EQ(tcp(model, "vm1", "laptop").fate, Fate::Refused);
  model.virtual_networks[0].subnets[0].default_outbound_access = false;
  EXPECT_THAT(tcp(model, "vm1", "laptop").reason, HasSubstr("(PIP-11)"));
}

// PIP-4, PIP-6, PIP-13
TEST(Reachability, APublicAddressIsItsMachinesUnlessItIsClosed) {
  auto model = one_network();
  model.virtual_machines[0] = sample::with_public(model.virtual_machines[0]);
  model.virtual_machines[1] = sample::with_public(model.virtual_machines[1]);
  EXPECT_THAT(ping(model, "laptop", "vm1.public").reason, HasSubstr("(PIP-6)"));
  EXPECT_THAT(tcp(model, "vm1", "vm2.public").reason, HasSubstr("(PIP-6)")) << "from another machine likewise";
  EXPECT_EQ(ping(model, "vm1", "laptop").fate, Fate::Answers) << "and open the other way";
  EXPECT_EQ(ping(model, "laptop", "vm1").fate, Fate::Silent) << "nobody routes a private address there";

  model.virtual_machines[0].public_ip_address_sku = emu::PublicIpAddressSku::Basic;
  EXPECT_EQ(ping(model, "laptop", "vm1.public").fate, Fate::Answers);
  EXPECT_THAT(ping(model, "laptop", "vm2.public").reason, HasSubstr("(PIP-6)")) << "the SKU is of one address";

  const auto open = with_group(model, 1, {rule("in", RuleDirection::Inbound, RuleAccess::Allow, "Internet", "*")});
  EXPECT_EQ(tcp(open, "laptop", "vm2.public").fate, Fate::Answers);
  EXPECT_THAT(tcp(with_group(model, 1, {}), "laptop", "vm2.public").reason, HasSubstr("DenyAllInBound"));
}

// UDR-7, UDR-8, UDR-9
TEST(Reachability, AnApplianceForwardsWhenItMay) {
  auto model = with_table(one_network(), 0, "10.0.1.0/24", kAppliance, "10.0.2.4");
  const auto through = ping(model, "vm1", "vm2");
  EXPECT_EQ(through.fate, Fate::Answers);
  EXPECT_THAT(through.there, testing::Contains(emu::Step{"net/nva", "route 10.0.0.0/16 -> VnetLocal", "net"}));
  model.virtual_machines[2].ip_forwarding = false;
  EXPECT_THAT(ping(model, "vm1", "vm2").reason, HasSubstr("(UDR-8)"));
  EXPECT_EQ(ping(model, "vm1", "nva").fate, Fate::Answers);

  const auto nobody = with_table(one_network(), 0, "10.0.1.0/24", kAppliance, "10.0.2.99");
  EXPECT_THAT(ping(nobody, "vm1", "vm2").reason, HasSubstr("(UDR-7)"));
  const auto circle =
      with_table(with_table(one_network(), 0, "10.0.1.0/24", kAppliance, "10.0.2.4"), 2, "10.0.1.0/24", kAppliance, "10.0.2.4");
  EXPECT_EQ(ping(circle, "vm1", "vm2").fate, Fate::Loops);
}

// 4.5, PEER-14, PEER-18
TEST(Reachability, SpokesMeetInTheHubWhenAllPartsAreThere) {
  const auto whole = hub_and_spokes();
  EXPECT_EQ(ping(whole, "app1", "app2").fate, Fate::Answers);

  auto no_return = whole;
  no_return.virtual_networks[2].subnets[0].route_table.clear();
  const auto lost_answer = ping(no_return, "app1", "app2");
  EXPECT_EQ(lost_answer.fate, Fate::Silent);
  EXPECT_EQ(lost_answer.answered_by, "app2");
  EXPECT_THAT(lost_answer.reason, HasSubstr("the answer: spoke2/app: route 10.0.0.0/8 -> None drops it"));
}

/// hub_and_spokes with a group of default rules in spoke2, whose route to spoke1 is `route`.
Model with_guarded_spoke(std::string_view route) {
  auto model = hub_and_spokes();
  model.network_security_groups = {{"plain", "", {}}};
  model.virtual_networks[2].subnets[0].network_security_group = "plain";
  model.virtual_networks[2].peerings[0].allow_forwarded_traffic = false;
  model.virtual_networks[2].subnets[0].route_table.clear();
  if (route.empty()) return model;
  model.route_tables.push_back(sample::route_table("back", {sample::route("back", route, kAppliance, "10.0.2.4")}));
  model.virtual_networks[2].subnets[0].route_table = "back";
  return model;
}

// PEER-17, PEER-18: allow_forwarded_traffic is no block, but a matter of the tag VirtualNetwork where there is a group.
TEST(Reachability, ForwardedTrafficNeedsNoFlagButTheTag) {
  auto open = hub_and_spokes();
  for (std::size_t i : {1U, 2U}) open.virtual_networks[i].peerings[0].allow_forwarded_traffic = false;
  EXPECT_EQ(ping(open, "app1", "app2").fate, Fate::Answers) << "nobody has a group";

  auto guarded = with_guarded_spoke("");
  EXPECT_EQ(ping(guarded, "app1", "app2").reason, "vm app2: plain inbound: Deny DenyAllInBound (65500)");
  guarded.virtual_networks[2].peerings[0].allow_forwarded_traffic = true;
  EXPECT_THAT(ping(guarded, "app1", "app2").reason, HasSubstr("the answer: spoke2/app: route 10.0.0.0/8 -> None")) << "now it arrives";
}

// TAG-1, TAG-6: what a route of the user's is for is in the tag.
TEST(Reachability, ARouteOfTheUsersPutsTheNeighbourSpokeIntoTheTag) {
  for (const auto* route : {"10.0.0.0/8", "10.1.0.0/16"}) {
    const auto prediction = ping(with_guarded_spoke(route), "app1", "app2");
    EXPECT_EQ(prediction.fate, Fate::Answers) << route;
    EXPECT_THAT(prediction.reason, HasSubstr("AllowVnetInBound")) << route;
  }
  EXPECT_EQ(ping(with_guarded_spoke("0.0.0.0/0"), "app1", "app2").reason, "the answer: spoke2/app: route 10.0.0.0/8 -> None drops it")
      << "it gets in, and only the answer has no way (SEL-1)";
}

// PEER-16
TEST(Reachability, APeerWithoutAccessNeedsARule) {
  auto model = hub_and_spokes();
  model.virtual_networks[1].peerings[0].allow_virtual_network_access = false;
  EXPECT_THAT(ping(model, "nva", "app1").reason, HasSubstr("(PEER-16)"));
  EXPECT_THAT(ping(model, "app1", "nva").reason, HasSubstr("(PEER-16)"));
  model.network_security_groups = {{"named", "", {rule("in", RuleDirection::Inbound, RuleAccess::Allow, "10.0.0.0/16", "*")}}};
  model.virtual_networks[1].subnets[0].network_security_group = "named";
  model.virtual_networks[1].subnets[0].route_table.clear();  // its prefixes would be inside the tag (TAG-1)
  EXPECT_EQ(ping(model, "nva", "app1").fate, Fate::Answers);
  EXPECT_THAT(ping(model, "app1", "nva").reason, HasSubstr("DenyAllOutBound"));
}

// PEER-4
TEST(Reachability, APeeringOfOneSideCarriesNothingAndIsNamed) {
  auto model = hub_and_spokes();
  model.virtual_networks[0].peerings.erase(model.virtual_networks[0].peerings.begin());
  const std::string words = "peering 'to-hub' of 'spoke1' is only Initiated: 'hub' has no peering to 'spoke1' yet";
  EXPECT_EQ(ping(model, "app1", "nva").fate, Fate::Silent);
  EXPECT_EQ(ping(model, "nva", "app1").reason, "hub/nva: route 10.0.0.0/8 -> None drops it; " + words) << "and seen from the other side";
  model.virtual_networks[1].subnets[0].route_table.clear();
  EXPECT_EQ(ping(model, "app1", "nva").reason, "spoke1/app: route 10.0.0.0/8 -> None drops it; " + words);
  model.virtual_networks[1].subnets[0].route_table = "via";
  EXPECT_THAT(ping(model, "app1", "app2").reason, HasSubstr("(UDR-7); " + words));
}

// DEF-2
TEST(Reachability, AnAnswerThatARouteLeadsThroughAnApplianceDoesNotReachTheInternet) {
  auto model = with_table(one_network(), 0, "0.0.0.0/0", kAppliance, "10.0.2.4");
  model.virtual_machines[0] = sample::with_public(model.virtual_machines[0]);
  model.virtual_machines[0].public_ip_address_sku = emu::PublicIpAddressSku::Basic;
  const auto prediction = ping(model, "laptop", "vm1.public");
  EXPECT_EQ(prediction.fate, Fate::Silent);
  EXPECT_EQ(prediction.answered_by, "vm1");
  EXPECT_THAT(prediction.reason, HasSubstr("the answer: vnet net: a public address is given to what a machine sends itself"));
}

// What a machine's own commands do is not in the model.
TEST(Reachability, OfAnApplianceWithAProgramOfItsOwnHasTwoOutcomes) {
  auto model = with_table(one_network(), 0, "0.0.0.0/0", kAppliance, "10.0.2.4");
  model.virtual_machines[2] = sample::with_public(model.virtual_machines[2]);
  EXPECT_THAT(ping(model, "vm1", "laptop").otherwise, IsEmpty());
  model.virtual_machines[2].programs.run = {"nft …"};
  const auto prediction = ping(model, "vm1", "laptop");
  EXPECT_EQ(describe(prediction), "blocked or reachable");
  ASSERT_EQ(prediction.otherwise.size(), 1U);
  EXPECT_EQ(prediction.otherwise[0].answered_by, "laptop");
  EXPECT_EQ(describe(ping(model, "vm1", "203.0.113.77")), "blocked") << "nobody has it, whatever the program does";
}

// NSG-11: an answer is judged anew by an appliance in a network that has not seen its flow.
TEST(Reachability, AnAnswerOnAnotherWayIsJudgedAnewThere) {
  auto model = hub_and_spokes();
  model.virtual_networks[1].subnets[0].route_table.clear();  // app1 -> app2 needs a peering of its own
  model.virtual_networks[1].peerings.push_back(sample::peering("to-spoke2", "spoke2"));
  model.virtual_networks[2].peerings.push_back(sample::peering("to-spoke1", "spoke1"));
  model.route_tables[0].routes = {sample::route("spoke1", "10.1.0.0/16", kAppliance, "10.0.2.4")};
  EXPECT_EQ(ping(model, "app1", "app2").fate, Fate::Answers) << "there directly, back through the hub";
  model = with_group(model, 0, {rule("no-spoke2", RuleDirection::Inbound, RuleAccess::Deny, "10.2.0.0/16", "*")});
  const auto prediction = ping(model, "app1", "app2");
  EXPECT_EQ(prediction.fate, Fate::Silent);
  EXPECT_EQ(prediction.reason, "the answer: vm nva: group0 inbound: Deny no-spoke2 (100)");
}
