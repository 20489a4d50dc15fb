// SPDX-License-Identifier: Apache-2.0
// Predictions about services, gateways and sites.
#include <gmock/gmock.h>

#include "emu/model/service_lookup.hpp"
#include "emu/semantics/reachability.hpp"
#include "emu/semantics/resolve.hpp"
#include "tests/unit/emu/sample_services.hpp"
#include "tests/unit/emu/sample_vpn.hpp"

namespace sample = emu::sample;
using emu::CheckKind;
using emu::Fate;
using emu::Model;
using emu::Prediction;
using testing::HasSubstr;

namespace {

Prediction ask_service(const Model& model, const std::string& from, const std::string& to, CheckKind kind = CheckKind::Ping,
                       std::uint16_t port = 0) {
  const auto now = emu::resolve(model, nullptr).model;
  return predict(now, {from, address_of(now, to).value(), kind, port});
}

int http(const Model& model, const std::string& from, const std::string& to) {
  const auto prediction = ask_service(model, from, to, CheckKind::Http, 80);
  return prediction.fate == Fate::Status ? prediction.status : 0;
}

Model firewalled(std::vector<std::string> endpoints) {
  auto model = sample::lab_with_services(std::move(endpoints));
  model.storage_accounts[0].network_rules.default_action = emu::DefaultAction::Deny;
  model.storage_accounts[0].network_rules.virtual_network_subnets = {{"net", "app"}};
  return model;
}

/// vm1 in the hub and app in the spoke; the site knows both.
Model vpn() {
  auto model = sample::vpn_lab();
  model.virtual_machines.push_back(sample::machine("app", "spoke", "web"));
  return model;
}

}  // namespace

// SA-2, SA-8, SE-4
TEST(ReachabilityOfServices, AFirewallRefusesInHttpWhomNoRuleNames) {
  const auto model = firewalled({"Microsoft.Storage"});
  EXPECT_EQ(http(model, "vm", "here"), 200);
  EXPECT_EQ(http(model, "vm2", "here"), 403);
  EXPECT_EQ(ask_service(model, "vm2", "here", CheckKind::Tcp, 80).fate, Fate::Answers);
  EXPECT_EQ(ask_service(model, "vm2", "here", CheckKind::Tcp, 4).fate, Fate::Refused);
  EXPECT_EQ(http(model, "vm2", "paired"), 200);
  const auto verdict = [&](const char* from, const char* to) {
    return ask_service(model, from, to, CheckKind::Http, 80).there.back().words;
  };
  EXPECT_EQ(verdict("vm", "here"), "lets net/app in: a virtual network rule");
  EXPECT_THAT(verdict("vm2", "here"), HasSubstr("does not let"));
  EXPECT_EQ(verdict("vm2", "paired"), "lets everybody in");
}

// SA-4: a rule for an address is for the internet, and for Azure in other regions.
TEST(ReachabilityOfServices, AnAddressRuleIsNotForAzureInTheSameRegion) {
  auto model = firewalled({"Microsoft.Storage"});
  model.virtual_machines[1] = sample::with_public(model.virtual_machines[1], "203.0.113.9");
  model.internet.hosts = {sample::host("office", "203.0.113.200"), sample::host("stranger", "203.0.113.201")};
  model.storage_accounts[0].network_rules.ip_rules = sample::prefixes({"203.0.113.200/32", "203.0.113.9/32"});
  EXPECT_EQ(http(model, "office", "here"), 200);
  EXPECT_EQ(http(model, "stranger", "here"), 403);
  EXPECT_EQ(http(model, "vm2", "here"), 403);
  model.storage_accounts[0].location = "westeurope";
  EXPECT_EQ(http(model, "vm2", "here"), 200);
}

// SEL-4, SE-6: nothing overrides a service endpoint; without one the routes decide.
TEST(ReachabilityOfServices, AnEndpointBeatsARouteToNowhere) {
  auto model = sample::lab_with_services({"Microsoft.Storage"});
  model.route_tables = {sample::route_table("nowhere", {sample::route("out", "0.0.0.0/0", emu::NextHopType::None)})};
  for (auto& subnet : model.virtual_networks[0].subnets) subnet.route_table = "nowhere";
  EXPECT_EQ(http(model, "vm", "here"), 200);
  EXPECT_EQ(http(model, "vm2", "here"), 0);
  EXPECT_EQ(http(model, "vm", "far"), 0);
}

// SE-9
TEST(ReachabilityOfServices, AnEndpointIsNotForWhatAnAppliancePassesOn) {
  auto model = sample::lab_with_services({"Microsoft.Storage"});
  model.virtual_machines[0] = sample::with_private(model.virtual_machines[0], "10.0.0.4");
  model.virtual_machines[0].ip_forwarding = true;
  model.route_tables = {sample::route_table("via", {sample::route("out", "0.0.0.0/0", emu::NextHopType::VirtualAppliance, "10.0.0.4")})};
  model.virtual_networks[0].subnets[1].route_table = "via";
  EXPECT_THAT(ask_service(model, "vm2", "here", CheckKind::Tcp, 80).reason, HasSubstr("(SE-8, SE-9)"));
  model.virtual_machines[0].programs.run = {"nft …"};
  EXPECT_EQ(describe(ask_service(model, "vm2", "here", CheckKind::Tcp, 80)), "blocked or reachable");
}

// RT-7, PEER-19
TEST(ReachabilityByVpn, SitesNetworksAndSpokesReachEachOther) {
  const auto model = vpn();
  EXPECT_EQ(ask_service(model, "vm1", "server1").fate, Fate::Answers);
  EXPECT_EQ(ask_service(model, "server1", "vm1").fate, Fate::Answers);
  EXPECT_EQ(ask_service(model, "app", "server1", CheckKind::Tcp, 80).fate, Fate::Answers);
  EXPECT_EQ(ask_service(model, "server1", "app", CheckKind::Tcp, 80).fate, Fate::Refused);
  EXPECT_EQ(ask_service(model, "vm1", "10.0.255.4").fate, Fate::Silent) << "the gateway does not answer";
  EXPECT_EQ(ask_service(model, "server1", "gw.public").fate, Fate::Silent);
}

// VPN-31, VPN-33, VPN-16
TEST(ReachabilityByVpn, EndsThatDoNotFitNeverConnect) {
  auto key = vpn();
  key.on_premises[0].shared_key = emu::Secret("Another");
  EXPECT_THAT(ask_service(key, "vm1", "server1").reason, HasSubstr("(VPN-31)"));
  auto mode = vpn();
  mode.on_premises[0].connection_mode = mode.virtual_network_gateway_connections[0].connection_mode = emu::ConnectionMode::ResponderOnly;
  EXPECT_THAT(ask_service(mode, "vm1", "server1").reason, HasSubstr("(VPN-33)"));
  auto policy = vpn();
  policy.on_premises[0].ipsec_policy = {"ECP384", "AES256", "SHA384", "AES256", "SHA256", "None", 27000, 102400000};
  EXPECT_THAT(ask_service(policy, "vm1", "server1").reason, HasSubstr("(VPN-16)"));
}

// VPN-43: a site that does not know the spoke has no way back.
TEST(ReachabilityByVpn, ASiteHasToKnowTheSpoke) {
  auto model = vpn();
  model.on_premises[0].remote_address_space = sample::prefixes({"10.0.0.0/16"});
  EXPECT_EQ(ask_service(model, "vm1", "server1").fate, Fate::Answers);
  const auto prediction = ask_service(model, "app", "server1");
  EXPECT_EQ(prediction.answered_by, "server1");
  EXPECT_THAT(prediction.reason, HasSubstr("the answer: site dc: has no tunnel for 10.1.0.4 (VPN-43)"));
}

// VPN-20: policy-based selectors are for the gateway's own network.
TEST(ReachabilityByVpn, SelectorsKeepOutWhatTheyAreNotFor) {
  auto model = vpn();
  const emu::IpsecPolicy policy{"DHGroup14", "AES256", "SHA256", "GCMAES256", "GCMAES256", "None", 27000, 102400000};
  model.virtual_network_gateway_connections[0].ipsec_policy = model.on_premises[0].ipsec_policy = policy;
  model.virtual_network_gateway_connections[0].use_policy_based_traffic_selectors = true;
  model.on_premises[0].use_policy_based_traffic_selectors = true;
  EXPECT_EQ(ask_service(model, "vm1", "server1").fate, Fate::Answers);
  EXPECT_THAT(ask_service(model, "app", "server1").reason, HasSubstr("(VPN-20)"));
}

// DEF-5
TEST(ReachabilityByVpn, ForcedTunnellingLeavesByTheSitesEdge) {
  auto model = vpn();
  model.internet.hosts = {sample::host("website", "203.0.113.200")};
  model.route_tables = {sample::route_table("forced", {sample::route("out", "0.0.0.0/0", emu::NextHopType::VirtualNetworkGateway)})};
  model.virtual_networks[0].subnets[0].route_table = "forced";
  EXPECT_THAT(ask_service(model, "vm1", "website").reason, HasSubstr("has no tunnel for 203.0.113.200"));
  model.virtual_network_gateways[0].default_local_network_gateway = "dc-seen";
  const auto prediction = ask_service(model, "vm1", "website");
  EXPECT_EQ(prediction.fate, Fate::Answers) << prediction.reason;
  EXPECT_THAT(prediction.there, testing::Contains(testing::Field(&emu::Step::words, HasSubstr("leaves for the internet as"))));
}
