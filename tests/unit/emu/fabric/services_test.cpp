// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/services.hpp"

#include <gmock/gmock.h>

#include "emu/fabric/router.hpp"
#include "netns/netlink/requests.hpp"
#include "netns/process/process.hpp"
#include "tests/unit/emu/sample_services.hpp"

namespace sample = emu::sample;
using sample::resolved;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

const emu::Places kServicePlaces{"/usr/bin/lazuli", "/run/lazuli/lab"};

std::vector<std::string> text_of(const netns::Namespace& name_space) {
  std::vector<std::string> lines;
  for (const auto& route : name_space.routes) lines.push_back(describe(route));
  for (const auto& rule : name_space.rules) lines.push_back(describe(rule));
  return lines;
}

std::string configuration_in(const netns::Namespace& services) {
  return services.processes.at("mock_service").folder.files.at("configuration.json");
}

}  // namespace

TEST(Services, AreNowhereInALabWithout) {
  auto model = sample::lab_with_services({"Microsoft.Storage"});
  model.storage_accounts.clear();
  model.services.clear();
  model = resolved(model);
  const auto state = build_state(model, kServicePlaces);
  EXPECT_FALSE(state.namespaces.contains("lab.services"));
  EXPECT_FALSE(state.namespaces.at("lab.net").links.contains("backbone"));
}

TEST(Services, HaveALinkToTheInternetAndToEachNetworkWithAnEndpointOnly) {
  auto model = sample::lab_with_services({});
  model.virtual_networks.push_back(sample::network("plain", {"10.0.0.0/16"}));
  auto state = build_state(resolved(model), kServicePlaces);
  EXPECT_EQ(state.namespaces.at("lab.services").links.size(), 1U);
  EXPECT_FALSE(state.namespaces.at("lab.net").links.contains("backbone"));

  model.virtual_networks[0].subnets[0].service_endpoints = {"Microsoft.Storage"};
  state = build_state(resolved(model), kServicePlaces);
  const auto& services = state.namespaces.at("lab.services");
  EXPECT_TRUE(services.links.contains("vnet-net"));
  EXPECT_FALSE(services.links.contains("vnet-plain"));
  EXPECT_FALSE(services.links.at("vnet-net").forwards);
  // SE-10: the kernel's own answers, ICMP and RST among them, carry the mark of what they answer, and that leads back over its link.
  EXPECT_EQ(services.sysctls.at("ipv4/fwmark_reflect"), "1");
  EXPECT_EQ(services.sysctls.at("ipv4/tcp_fwmark_accept"), "1");
  EXPECT_TRUE(state.namespaces.at("lab.net").links.contains("backbone"));
  EXPECT_FALSE(state.namespaces.at("lab.plain").links.contains("backbone"));
}

// SE-10: the way back is that of the mark, whatever the address.
TEST(Services, SendTheAnswerBackOverTheLinkThatTheQuestionCameBy) {
  auto model = sample::lab_with_services({"Microsoft.Storage"});
  model.virtual_networks.push_back(model.virtual_networks[0]);
  model.virtual_networks[1].name = "twin";
  const auto services = build_services(resolved(model), kServicePlaces);
  EXPECT_THAT(text_of(services),
              ElementsAre("default via 169.254.0.1 dev internet", "default via 169.254.255.253 dev vnet-twin table 131069",
                          "default via 169.254.255.254 dev vnet-net table 131070", "1000: from all fwmark 0x1fffd lookup 131069",
                          "1000: from all fwmark 0x1fffe lookup 131070"));
  EXPECT_THAT(services.ruleset->elements.at("inet services links"), ElementsAre("\"vnet-net\" : 0x1fffe", "\"vnet-twin\" : 0x1fffd"));
  EXPECT_THAT(services.ruleset->text, Not(HasSubstr(" ct "))) << "what is tracked could be taken for the other network's";
}

// SE-8, SE-9: only the subnet's own addresses, from the subnet itself.
TEST(Backbone, TakesOnlyWhatASubnetWithAnEndpointSendsInItsOwnName) {
  const auto model = resolved(sample::lab_with_services({"Microsoft.Storage"}));
  const auto router = build_router(model, model.virtual_networks[0]);
  EXPECT_THAT(router.ruleset->elements.at("inet router on_backbone"), ElementsAre("\"br-app\" . 10.0.0.0/24"));
  EXPECT_THAT(router.ruleset->text, HasSubstr("oifname \"backbone\" iifname . ip saddr != @on_backbone drop"));
}

// A rule changes what the mock service reads, and nothing that would start it anew.
TEST(MockServiceProcess, IsToldOfRulesAndOfLinksAndGoesOn) {
  auto model = sample::lab_with_services({"Microsoft.Storage"});
  const auto before = build_services(resolved(model), kServicePlaces);
  model.storage_accounts[0].network_rules.default_action = emu::DefaultAction::Deny;
  model.storage_accounts[0].network_rules.virtual_network_subnets = {{"NET", "APP"}};
  const auto after = build_services(resolved(model), kServicePlaces);
  EXPECT_THAT(configuration_in(after), HasSubstr("\"net/app\"")) << "as the network spells it";
  EXPECT_NE(configuration_in(before), configuration_in(after));
  EXPECT_TRUE(netns::same_program(digest_of(before.processes.at("mock_service")), digest_of(after.processes.at("mock_service"))));
  EXPECT_NE(digest_of(before.processes.at("mock_service")), digest_of(after.processes.at("mock_service")));
}

// A command of the lab's own knows nothing of rules: the kernel has them.
TEST(ServiceCommand, GetsItsAddressAndAFirewall) {
  auto model = sample::lab_with_services({"Microsoft.Storage"});
  auto& account = model.storage_accounts[0];
  account.command = "serve";
  account.network_rules.default_action = emu::DefaultAction::Deny;
  account.network_rules.virtual_network_subnets = {{"net", "app"}};
  account.network_rules.ip_rules = sample::prefixes({"203.0.113.200/32"});
  const auto services = build_services(resolved(model), kServicePlaces);
  EXPECT_EQ(services.processes.at("here").arguments.back(), "serve");
  EXPECT_EQ(services.processes.at("here").environment, (std::map<std::string, std::string>{{"ADDRESS", "198.19.0.4"}, {"NAME", "here"}}));
  EXPECT_THAT(configuration_in(services), Not(HasSubstr("198.19.0.4\"")));
  const auto& elements = services.ruleset->elements;
  EXPECT_THAT(elements.at("inet services guarded"), ElementsAre("198.19.0.4"));
  EXPECT_THAT(elements.at("inet services allowed"),
              ElementsAre("\"internet\" . 203.0.113.200 . 198.19.0.4", "\"vnet-net\" . 10.0.0.0/24 . 198.19.0.4"));
  EXPECT_THAT(elements.at("inet services in_region"), ElementsAre("\"internet\" . 198.18.255.254 . 198.19.0.4")) << "SA-4";
}

// SA-1: rules count where the default is to deny.
TEST(ServiceCommand, HasNoFirewallWhereEverybodyIsLetIn) {
  auto model = sample::lab_with_services({"Microsoft.Storage"});
  auto& account = model.storage_accounts[0];
  account.command = "serve";
  account.network_rules.default_action = emu::DefaultAction::Allow;
  account.network_rules.ip_rules = sample::prefixes({"203.0.113.200/32"});
  EXPECT_THAT(build_services(resolved(model), kServicePlaces).ruleset->elements.at("inet services guarded"), testing::IsEmpty());
}

TEST(ServiceNames, AreKnownInEveryMachineAndHost) {
  const auto model = resolved(sample::lab_with_services({}));
  for (const auto* file : {"hosts/net", "hosts/internet"})
    EXPECT_THAT(surrounding_files(model).at(file), HasSubstr("198.19.0.4 here.blob.lazuli.test here\n198.19.0.5 paired"));
}
