// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/rule_counters.hpp"

#include <gmock/gmock.h>

#include "emu/fabric/flow_logs.hpp"
#include "emu/fabric/security_chains.hpp"
#include "emu/semantics/resolve.hpp"
#include "tests/unit/emu/sample_model.hpp"

namespace sample = emu::sample;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

namespace {

emu::SecurityRule rule(std::string name, std::uint16_t priority, std::uint16_t first_port, std::uint16_t last_port) {
  emu::SecurityRule out;
  out.name = std::move(name);
  out.priority = priority;
  out.protocol = emu::RuleProtocol::Tcp;
  out.source = {{{}}, {"*"}, {}};
  out.destination = {{{first_port, last_port}}, {"*"}, {}};
  return out;
}

emu::Model model_of(std::vector<emu::SecurityRule> rules) {
  emu::Model model;
  model.lab = "lab";
  model.virtual_networks = {sample::network("a", {"10.0.0.0/16"}, {sample::subnet("web", {"10.0.0.0/24"})})};
  model.virtual_machines = {sample::with_private(sample::machine("vm", "a", "web"), "10.0.0.4")};
  model.virtual_machines[0].network_security_group = "nsg";
  model.network_security_groups = {{"nsg", "", std::move(rules)}};
  return emu::resolve(model, nullptr).model;
}

}  // namespace

TEST(RuleCounters, AddUpOverChainsAndElements) {
  EXPECT_THAT(emu::rule_counts({{"inbound/web-nsg/0/1", "securityRules/allow-http", 2, 120},
                                {"inbound/web-nsg/1/1", "securityRules/allow-http", 1, 60},
                                {"forwarded_inbound/web-nsg/0/0", "securityRules/allow-http", 4, 240},
                                {"inbound/vm-nsg/0/1", "securityRules/allow-http", 8, 480},
                                {"inbound/web-nsg/0", "defaultSecurityRules/DenyAllInBound", 5, 300}}),
              UnorderedElementsAre(Pair(Pair("web-nsg", "securityRules/allow-http"), emu::RuleCount{7, 420}),
                                   Pair(Pair("vm-nsg", "securityRules/allow-http"), emu::RuleCount{8, 480}),
                                   Pair(Pair("web-nsg", "defaultSecurityRules/DenyAllInBound"), emu::RuleCount{5, 300})));
}

TEST(RuleCounters, AreKnownByTheRulesName) {
  const auto model = model_of({rule("http", 100, 80, 80), rule("more", 110, 8000, 8100)});
  const emu::Denials denials;
  const emu::SecurityChains chains(model, model.virtual_networks[0], denials);
  EXPECT_THAT(
      chains.elements().at("inet router inbound/nsg/0/0"),
      UnorderedElementsAre("6 . 80 comment \"securityRules/http\" : return", "6 . 8000-8100 comment \"securityRules/more\" : return"));
  EXPECT_THAT(chains.text(), HasSubstr("  counter drop comment \"defaultSecurityRules/DenyAllInBound\"\n"));
  EXPECT_EQ(emu::group_of_chain("inbound/nsg/0/0"), "nsg");
  EXPECT_EQ(emu::group_of_chain("inbound/nsg/0"), "nsg");
}
