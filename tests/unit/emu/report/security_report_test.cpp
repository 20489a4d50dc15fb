// SPDX-License-Identifier: Apache-2.0
#include "emu/report/security_report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/emu/sample_model.hpp"

namespace sample = emu::sample;

namespace {

emu::Model guarded_model() {
  emu::Model out;
  out.resource_group = "myrg";
  return out;
}

std::vector<emu::EffectiveSecurityGroup> groups() {
  emu::EffectiveSecurityRule rule;
  rule.name = "securityRules/allow-http";
  rule.protocol = emu::RuleProtocol::Tcp;
  rule.priority = 100;
  rule.source = {{{}}, {"VirtualNetwork"}, {}, sample::prefixes({"10.0.0.0/16", "168.63.129.16/32"})};
  rule.destination = {{{80, 80}, {8000, 8080}}, {"10.0.0.4"}, {}, sample::prefixes({"10.0.0.4/32"})};
  return {{"web-nsg", true, {rule}}, {"vm-nsg", false, {}}};
}

const emu::VirtualMachine kMachine = sample::machine("vm1", "net", "web");

}  // namespace

// azure-semantics 5.5
TEST(SecurityReport, HasTheShapeOfAzuresAnswer) {
  const auto json = nlohmann::ordered_json::parse(rules_json(guarded_model(), kMachine, groups()));
  const auto& first = json["value"][0];
  EXPECT_EQ(first["association"]["subnet"]["id"],
            "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/myrg/providers/Microsoft.Network/virtualNetworks/net/"
            "subnets/web");
  EXPECT_EQ(
      first["effectiveSecurityRules"][0].dump(),
      R"({"name":"securityRules/allow-http","protocol":"Tcp","sourcePortRange":"0-65535","sourcePortRanges":["0-65535"],)"
      R"("destinationPortRanges":["80-80","8000-8080"],"sourceAddressPrefix":"VirtualNetwork","sourceAddressPrefixes":["VirtualNetwork"],)"
      R"("destinationAddressPrefix":"10.0.0.4","destinationAddressPrefixes":["10.0.0.4"],)"
      R"("expandedSourceAddressPrefix":["10.0.0.0/16","168.63.129.16/32"],"expandedDestinationAddressPrefix":[],)"
      R"("access":"Allow","priority":100,"direction":"Inbound"})");
  EXPECT_TRUE(json["value"][1]["association"].contains("networkInterface"));
}

// A subnet is in the group of its network; any address is 0.0.0.0/0 in Azure's answers.
TEST(SecurityReport, NamesTheGroupOfTheNetworkAndAnyAddressAsAzureDoes) {
  auto model = guarded_model();
  model.virtual_networks = {sample::network("net", {"10.0.0.0/16"})};
  model.virtual_networks[0].resource_group = "network-rg";
  auto all = groups();
  all[0].rules[0].source = {{{}}, {"*"}, {}, sample::prefixes({"0.0.0.0/0"})};
  const auto json = nlohmann::ordered_json::parse(rules_json(model, kMachine, all));
  const auto& first = json["value"][0];
  EXPECT_EQ(first["association"]["subnet"]["id"],
            "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/network-rg/providers/Microsoft.Network/virtualNetworks/net/"
            "subnets/web");
  EXPECT_EQ(first["networkSecurityGroup"]["id"],
            "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/myrg/providers/Microsoft.Network/networkSecurityGroups/"
            "web-nsg");
  EXPECT_EQ(first["effectiveSecurityRules"][0]["sourceAddressPrefix"], "0.0.0.0/0");
  EXPECT_EQ(first["effectiveSecurityRules"][0]["sourceAddressPrefixes"], nlohmann::ordered_json::array({"0.0.0.0/0"}));
  EXPECT_TRUE(first["effectiveSecurityRules"][0]["expandedSourceAddressPrefix"].empty());
}

TEST(SecurityReport, SaysWhereAGroupIsAttached) {
  EXPECT_EQ(rules_table(kMachine, groups()),
            "web-nsg on subnet net/web\n"
            "DIRECTION   PRIORITY   NAME         ACCESS   PROTOCOL   SOURCE           PORT   DESTINATION   PORT\n"
            "Inbound     100        allow-http   Allow    Tcp        VirtualNetwork   *      10.0.0.4      80,8000-8080\n"
            "\n"
            "vm-nsg on interface of vm1\n"
            "DIRECTION   PRIORITY   NAME   ACCESS   PROTOCOL   SOURCE   PORT   DESTINATION   PORT\n");
  EXPECT_EQ(rules_table(kMachine, {}), "no network security group, neither on vm1 nor on its subnet net/web\n");
}

TEST(SecurityReport, SaysWhatEachRuleDecided) {
  const emu::RuleCounts counts{{{"web-nsg", "securityRules/allow-http"}, {3, 180}}, {{"vm-nsg", "securityRules/allow-http"}, {7, 420}}};
  EXPECT_EQ(
      rules_table(kMachine, groups(), counts),
      "packets that opened a flow or were denied, counted over every machine with these groups in net since its rules were last loaded\n\n"
      "web-nsg on subnet net/web\n"
      "DIRECTION   PRIORITY   NAME         ACCESS   PROTOCOL   SOURCE           PORT   DESTINATION   PORT           PACKETS   BYTES\n"
      "Inbound     100        allow-http   Allow    Tcp        VirtualNetwork   *      10.0.0.4      80,8000-8080   3         180\n"
      "\n"
      "vm-nsg on interface of vm1\n"
      "DIRECTION   PRIORITY   NAME   ACCESS   PROTOCOL   SOURCE   PORT   DESTINATION   PORT   PACKETS   BYTES\n");
  const auto json = nlohmann::ordered_json::parse(rules_json(guarded_model(), kMachine, groups(), counts));
  EXPECT_EQ(json["value"][0]["effectiveSecurityRules"][0]["packets"], 3);
  EXPECT_EQ(json["value"][0]["effectiveSecurityRules"][0]["bytes"], 180);
  const auto none = nlohmann::ordered_json::parse(rules_json(guarded_model(), kMachine, groups(), emu::RuleCounts{}));
  EXPECT_EQ(none["value"][0]["effectiveSecurityRules"][0]["packets"], 0);
}

TEST(SecurityReport, SaysWhichPacketWasJudged) {
  const auto all = groups();
  const emu::Packet packet{emu::RuleProtocol::Tcp, sample::address("10.0.0.5"), 50000, sample::address("10.0.0.4"), 80};
  EXPECT_EQ(ip_flow_text(packet, emu::RuleDirection::Inbound, {emu::RuleAccess::Deny, "web-nsg", &all[0].rules[0]}),
            "packet   Inbound Tcp 10.0.0.5:50000 -> 10.0.0.4:80\n"
            "access   Deny\n"
            "rule     securityRules/allow-http\n"
            "group    web-nsg\n");
}

// NW-2
TEST(SecurityReport, NamesTheRuleThatDecided) {
  const auto all = groups();
  EXPECT_EQ(nlohmann::ordered_json::parse(emu::ip_flow_json({emu::RuleAccess::Deny, "web-nsg", &all[0].rules[0]})).dump(),
            R"({"access":"Deny","ruleName":"securityRules/allow-http"})");
  EXPECT_EQ(nlohmann::ordered_json::parse(emu::ip_flow_json({})).dump(), R"({"access":"Allow","ruleName":""})");
}
