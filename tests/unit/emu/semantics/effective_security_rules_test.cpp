// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/effective_security_rules.hpp"

#include <gmock/gmock.h>

#include "emu/semantics/resolve.hpp"
#include "tests/unit/emu/sample_model.hpp"

namespace sample = emu::sample;
using emu::Arrival;
using emu::Model;
using emu::Packet;
using emu::RuleAccess;
using emu::RuleDirection;
using emu::RuleProtocol;
using emu::SecurityRule;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

namespace {

SecurityRule rule(std::string name, std::uint16_t priority, RuleDirection direction, RuleAccess access, std::string source,
                  std::string destination, emu::PortRange port = {}) {
  SecurityRule out;
  out.name = std::move(name);
  out.priority = priority;
  out.direction = direction;
  out.access = access;
  out.source = {{{}}, {std::move(source)}, {}};
  out.destination = {{port}, {std::move(destination)}, {}};
  return out;
}

/// a 10.0.0.0/16 with vm1 10.0.0.4 and vm2 10.0.0.5, peered with b 10.1.0.0/16; `subnet-nsg` on the subnet, `nic-nsg` on vm1
Model model_of(std::vector<SecurityRule> of_subnet, std::vector<SecurityRule> of_interface) {
  Model model;
  model.virtual_networks = {sample::network("a", {"10.0.0.0/16"}, {sample::subnet("app", {"10.0.0.0/24"})}),
                            sample::network("b", {"10.1.0.0/16"}, {sample::subnet("default", {"10.1.0.0/24"})})};
  model.virtual_networks[0].peerings = {sample::peering("a-to-b", "b")};
  model.virtual_networks[1].peerings = {sample::peering("b-to-a", "a")};
  model.virtual_networks[0].subnets[0].network_security_group = "SUBNET-nsg";
  model.virtual_machines = {sample::with_private(sample::machine("vm1", "a", "app"), "10.0.0.4"),
                            sample::with_private(sample::machine("vm2", "a", "app"), "10.0.0.5")};
  model.virtual_machines[0].network_security_group = "nic-nsg";
  model.network_security_groups = {{"subnet-nsg", "", std::move(of_subnet)}, {"nic-nsg", "", std::move(of_interface)}};
  return emu::resolve(model, nullptr).model;
}

Packet tcp(std::string_view from, std::string_view to, std::uint16_t port = 80) {
  return {RuleProtocol::Tcp, sample::address(from), 50000, sample::address(to), port};
}

/// `Allow subnet-nsg defaultSecurityRules/AllowVnetInBound`
std::string judged(const Model& model, RuleDirection direction, const Packet& packet) {
  const auto groups = effective_security_groups(model, model.virtual_machines[0]);
  const auto verdict = evaluate(groups, direction, packet);
  return std::string(to_string(verdict.access)) + ' ' + verdict.network_security_group + ' ' +
         (verdict.rule == nullptr ? "" : verdict.rule->name);
}

emu::SecurityTags tags(const Model& model) { return security_tags(model, model.virtual_networks[0], model.virtual_networks[0].subnets[0]); }

std::vector<std::string> texts(const std::vector<emu::Ipv4Prefix>& prefixes) {
  std::vector<std::string> out;
  for (const auto& prefix : prefixes) out.push_back(to_string(prefix));
  return out;
}

bool holds(const std::vector<emu::Ipv4Prefix>& prefixes, std::string_view address) {
  return std::ranges::any_of(prefixes, [&](const auto& prefix) { return prefix.contains(sample::address(address)); });
}

}  // namespace

// 5.1, NSG-18
TEST(EffectiveSecurityRules, EndInTheDefaultRules) {
  const auto model = model_of({}, {});
  EXPECT_EQ(judged(model, RuleDirection::Inbound, tcp("10.0.0.5", "10.0.0.4")), "Allow nic-nsg defaultSecurityRules/AllowVnetInBound");
  EXPECT_EQ(judged(model, RuleDirection::Inbound, tcp("10.1.0.4", "10.0.0.4")), "Allow nic-nsg defaultSecurityRules/AllowVnetInBound");
  EXPECT_EQ(judged(model, RuleDirection::Inbound, tcp("168.63.129.16", "10.0.9.4")), "Allow nic-nsg defaultSecurityRules/AllowVnetInBound");
  EXPECT_EQ(judged(model, RuleDirection::Inbound, tcp("203.0.113.9", "10.0.0.4")), "Deny subnet-nsg defaultSecurityRules/DenyAllInBound");
  EXPECT_EQ(judged(model, RuleDirection::Outbound, tcp("10.0.0.4", "203.0.113.9")),
            "Allow subnet-nsg defaultSecurityRules/AllowInternetOutBound");
  EXPECT_EQ(judged(model, RuleDirection::Outbound, tcp("10.0.0.4", "10.9.0.4")), "Deny nic-nsg defaultSecurityRules/DenyAllOutBound")
      << "private and nobody's: neither inside nor on the internet";
}

// NSG-1
TEST(EffectiveSecurityRules, TheLowestPriorityDecidesWhateverTheOrderInTheFile) {
  const auto model = model_of({rule("deny", 200, RuleDirection::Inbound, RuleAccess::Deny, "*", "*"),
                               rule("allow", 100, RuleDirection::Inbound, RuleAccess::Allow, "10.0.0.5", "*", {80, 80})},
                              {});
  EXPECT_EQ(judged(model, RuleDirection::Inbound, tcp("10.0.0.5", "10.0.0.4")), "Allow nic-nsg defaultSecurityRules/AllowVnetInBound");
  EXPECT_EQ(judged(model, RuleDirection::Inbound, tcp("10.0.0.5", "10.0.0.4", 81)), "Deny subnet-nsg securityRules/deny");
  EXPECT_EQ(judged(model, RuleDirection::Outbound, tcp("10.0.0.4", "10.0.0.5", 81)),
            "Allow subnet-nsg defaultSecurityRules/AllowVnetOutBound");
}

// NSG-8: inbound the subnet's group is first, outbound the interface's; a deny ends it
TEST(EffectiveSecurityRules, BothGroupsHaveToLetAPacketPass) {
  const auto deny = [](RuleDirection direction) { return rule("no", 100, direction, RuleAccess::Deny, "*", "*"); };
  const auto both = model_of({deny(RuleDirection::Inbound), deny(RuleDirection::Outbound)},
                             {deny(RuleDirection::Inbound), deny(RuleDirection::Outbound)});
  EXPECT_EQ(judged(both, RuleDirection::Inbound, tcp("10.0.0.5", "10.0.0.4")), "Deny subnet-nsg securityRules/no");
  EXPECT_EQ(judged(both, RuleDirection::Outbound, tcp("10.0.0.4", "10.0.0.5")), "Deny nic-nsg securityRules/no");
  EXPECT_EQ(judged(model_of({}, {deny(RuleDirection::Inbound)}), RuleDirection::Inbound, tcp("10.0.0.5", "10.0.0.4")),
            "Deny nic-nsg securityRules/no");
}

// NSG-9
TEST(EffectiveSecurityRules, WithoutAGroupEverythingPasses) {
  auto model = model_of({}, {});
  model.virtual_networks[0].subnets[0].network_security_group.clear();
  model.virtual_machines[0].network_security_group.clear();
  EXPECT_EQ(judged(model, RuleDirection::Inbound, tcp("203.0.113.9", "10.0.0.4")), "Allow  ");
}

// NSG-6
TEST(EffectiveSecurityRules, ARuleForPortsIsNotForPacketsWithoutAny) {
  const auto model = model_of({rule("deny-80", 100, RuleDirection::Inbound, RuleAccess::Deny, "*", "*", {80, 80})}, {});
  EXPECT_EQ(judged(model, RuleDirection::Inbound, {RuleProtocol::Icmp, sample::address("10.0.0.5"), 0, sample::address("10.0.0.4"), 80}),
            "Allow nic-nsg defaultSecurityRules/AllowVnetInBound");
  EXPECT_EQ(judged(model, RuleDirection::Inbound, tcp("10.0.0.5", "10.0.0.4")), "Deny subnet-nsg securityRules/deny-80");
}

// ASG-1, ASG-2
TEST(EffectiveSecurityRules, ApplicationSecurityGroupsAreTheirMembers) {
  auto from_group = rule("from-group", 100, RuleDirection::Inbound, RuleAccess::Deny, "*", "*");
  from_group.source.address_prefixes.clear();
  from_group.source.application_security_groups = {"WEB"};
  auto model = model_of({from_group}, {});
  EXPECT_EQ(judged(model, RuleDirection::Inbound, tcp("10.0.0.5", "10.0.0.4")), "Allow nic-nsg defaultSecurityRules/AllowVnetInBound");
  model.virtual_machines[1].application_security_groups = {"web"};
  EXPECT_EQ(judged(model, RuleDirection::Inbound, tcp("10.0.0.5", "10.0.0.4")), "Deny subnet-nsg securityRules/from-group");
}

// TAG-1, TAG-2
TEST(SecurityTags, VirtualNetworkIsTheNetworkItsPeersAndItsRoutes) {
  auto model = model_of({}, {});
  EXPECT_THAT(texts(tags(model).virtual_network), ElementsAre("10.0.0.0/16", "168.63.129.16/32", "10.1.0.0/16"));
  model.route_tables = {sample::route_table("table", {sample::route("r", "10.7.0.0/16", emu::NextHopType::None)})};
  model.virtual_networks[0].subnets[0].route_table = "table";
  EXPECT_THAT(texts(tags(model).virtual_network), Contains("10.7.0.0/16"));
}

// PEER-16
TEST(SecurityTags, APeerWithoutAccessIsNeitherInsideNorOnTheInternet) {
  auto model = model_of({}, {});
  model.virtual_networks[0].peerings[0].allow_virtual_network_access = false;
  EXPECT_THAT(texts(tags(model).virtual_network), Not(Contains("10.1.0.0/16")));
  EXPECT_FALSE(holds(tags(model).internet, "10.1.0.4"));
  EXPECT_EQ(judged(model, RuleDirection::Outbound, tcp("10.0.0.4", "10.1.0.4")), "Deny nic-nsg defaultSecurityRules/DenyAllOutBound");
}

// TAG-3
TEST(SecurityTags, InternetIsWhatIsNeitherInsideNorPrivate) {
  const auto internet = tags(model_of({}, {})).internet;
  for (const auto* outside : {"203.0.113.9", "8.8.8.8", "198.19.0.4", "9.255.255.255", "11.0.0.0"})
    EXPECT_TRUE(holds(internet, outside)) << outside;
  for (const auto* inside : {"10.0.0.4", "10.9.0.4", "192.168.1.1", "172.16.0.1", "100.64.0.1", "168.63.129.16"})
    EXPECT_FALSE(holds(internet, inside)) << inside;
}

// TAG-6
TEST(SecurityTags, ADefaultRouteOfTheUsersMakesEverythingInside) {
  auto model = model_of({}, {});
  model.route_tables = {sample::route_table("table", {sample::route("out", "0.0.0.0/0", emu::NextHopType::VirtualAppliance, "10.1.0.4")})};
  model.virtual_networks[0].subnets[0].route_table = "table";
  EXPECT_THAT(tags(model).internet, IsEmpty());
  EXPECT_EQ(judged(model, RuleDirection::Inbound, tcp("203.0.113.9", "10.0.0.4")), "Allow nic-nsg defaultSecurityRules/AllowVnetInBound");
  EXPECT_EQ(judged(model, RuleDirection::Outbound, tcp("10.0.0.4", "203.0.113.9")),
            "Allow subnet-nsg defaultSecurityRules/AllowVnetOutBound");
}

// PEER-17: the flag adds to the tag; where it is off, the one list of prefixes decides, as for everything else.
TEST(SecurityTags, AForwardedPacketIsInsideWhateverItsSource) {
  const auto model = model_of({}, {});
  const auto access = [&](Arrival arrival, std::string_view source) {
    const auto rules = effective_security_rules(model, model.network_security_groups[0], RuleDirection::Inbound, tags(model), arrival);
    return evaluate(rules, RuleDirection::Inbound, tcp(source, "10.0.0.4"))->access;
  };
  EXPECT_EQ(access(Arrival::Usual, "10.9.0.4"), RuleAccess::Deny);
  EXPECT_EQ(access(Arrival::Forwarded, "10.9.0.4"), RuleAccess::Allow);
  EXPECT_EQ(access(Arrival::Usual, "10.1.0.4"), RuleAccess::Allow);
}

// PEER-16, TAG-1, TAG-6: so it is for a peer without access, whose blocks are in the list by a route of the user's only.
TEST(SecurityTags, APeerWithoutAccessIsInsideByARouteOfTheUsers) {
  auto model = model_of({}, {});
  model.virtual_networks[0].peerings[0].allow_virtual_network_access = false;
  const auto access = [&](Arrival arrival) {
    const auto rules = effective_security_rules(model, model.network_security_groups[0], RuleDirection::Inbound, tags(model), arrival);
    return evaluate(rules, RuleDirection::Inbound, tcp("10.1.0.4", "10.0.0.4"))->access;
  };
  EXPECT_EQ(access(Arrival::Foreign), RuleAccess::Deny);
  model.route_tables = {sample::route_table("table", {sample::route("out", "0.0.0.0/0", emu::NextHopType::VirtualAppliance, "10.0.0.5")})};
  model.virtual_networks[0].subnets[0].route_table = "table";
  EXPECT_EQ(access(Arrival::Foreign), RuleAccess::Allow);
  EXPECT_EQ(access(Arrival::Usual), RuleAccess::Allow);
}

// TAG-5
TEST(SecurityTags, MostServicesOfAzuresMatchNothingInALab) {
  const auto of = tags(model_of({}, {}));
  for (const auto* text : {"GatewayManager", "ApiManagement", "azuremonitor.WestEurope", "AzureFrontDoor.Backend", "PowerPlatformInfra"}) {
    EXPECT_TRUE(emu::is_security_tag(text)) << text;
    EXPECT_THAT(expand(text, of), testing::Optional(IsEmpty())) << text;
  }
  EXPECT_TRUE(holds(expand("AzureKeyVault.westus", of).value(), "198.19.136.4"));
  EXPECT_TRUE(holds(expand("AzureCloud", of).value(), "198.19.136.4"));
  for (const auto* text : {"GatewayManger", "AzureMonitor.", "AzureMonitor.west us", "Storage.a.b", ""})
    EXPECT_FALSE(emu::is_security_tag(text)) << text;
}

TEST(SecurityTags, AComplementAndItsPrefixesAreEverythingAndApart) {
  EXPECT_THAT(texts(emu::complement({})), ElementsAre("0.0.0.0/0"));
  EXPECT_THAT(emu::complement(sample::prefixes({"0.0.0.0/0"})), IsEmpty());
  EXPECT_THAT(texts(emu::complement(sample::prefixes({"128.0.0.0/2"}))), ElementsAre("0.0.0.0/1", "192.0.0.0/2"));
  std::uint64_t addresses = 0;
  for (const auto& prefix : emu::complement(sample::prefixes({"10.0.0.0/8", "10.1.0.0/16", "203.0.113.7/32"}))) addresses += prefix.size();
  EXPECT_EQ(addresses, (std::uint64_t{1} << 32U) - (std::uint64_t{1} << 24U) - 1);
}
