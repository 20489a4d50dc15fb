// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/flush_connection.hpp"

#include <gmock/gmock.h>

#include <string>

#include "emu/semantics/resolve.hpp"
#include "tests/unit/emu/sample_model.hpp"

namespace sample = emu::sample;
using emu::Model;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

emu::SecurityRule allow(std::uint16_t port) {
  emu::SecurityRule out;
  out.name = "allow";
  out.priority = 100;
  out.protocol = emu::RuleProtocol::Tcp;
  out.source = {{{}}, {"*"}, {}};
  out.destination = {{{port, port}}, {"*"}, {}};
  return out;
}

/// Subnet `web` has `web-nsg`, with web1 and web2, of which web2 has `vm-nsg` as well; `other` has neither.
Model base() {
  Model model;
  model.lab = "lab";
  auto web = sample::subnet("web", {"10.0.0.0/24"});
  web.network_security_group = "web-nsg";
  model.virtual_networks = {sample::network("net", {"10.0.0.0/16"}, {web, sample::subnet("open", {"10.0.1.0/24"})})};
  model.virtual_machines = {sample::machine("web1", "net", "web"), sample::machine("web2", "net", "web"),
                            sample::machine("other", "net", "open")};
  model.virtual_machines[1].network_security_group = "vm-nsg";
  model.network_security_groups = {{"web-nsg", "", {allow(80)}, true}, {"vm-nsg", "", {allow(80)}, false}};
  return model;
}

std::vector<std::string> flushed(const Model& before, const Model& after) {
  const auto was = emu::resolve(before, nullptr).model;
  const auto is = emu::resolve(after, &was).model;
  std::vector<std::string> names;
  for (const auto* machine : machines_to_flush(was, is)) names.push_back(machine->name);
  return names;
}

}  // namespace

TEST(FlushConnection, IsForMachinesOfAGroupWhoseRulesChanged) {
  auto after = base();
  EXPECT_THAT(flushed(base(), after), IsEmpty());
  after.network_security_groups[0].security_rules = {allow(81)};
  EXPECT_THAT(flushed(base(), after), ElementsAre("web1", "web2"));
  auto flag = after;
  flag.network_security_groups[0].flush_connection = false;
  EXPECT_THAT(flushed(base(), flag), IsEmpty()) << "the flag as it is to be counts";
}

TEST(FlushConnection, IsNotForGroupsWithoutTheFlag) {
  auto after = base();
  after.network_security_groups[1].security_rules.clear();
  EXPECT_THAT(flushed(base(), after), IsEmpty());
  auto flag = base();
  flag.network_security_groups[1].flush_connection = true;
  EXPECT_THAT(flushed(base(), flag), IsEmpty()) << "the flag alone changes no rule";
  after.network_security_groups[1].flush_connection = true;
  EXPECT_THAT(flushed(base(), after), ElementsAre("web2"));
}

TEST(FlushConnection, IsForAGroupThatIsAttached) {
  auto after = base();
  after.virtual_machines[2].network_security_group = "web-nsg";
  EXPECT_THAT(flushed(base(), after), ElementsAre("other"));
  after.virtual_machines.push_back(sample::machine("new", "net", "web"));
  EXPECT_THAT(flushed(base(), after), ElementsAre("other")) << "a new machine has no flows";
}

// What a rule stands for is part of it.
TEST(FlushConnection, IsForRulesWhoseTagsChanged) {
  auto after = base();
  after.virtual_networks[0].address_space = sample::prefixes({"10.0.0.0/16", "10.7.0.0/16"});
  EXPECT_THAT(flushed(base(), after), ElementsAre("web1", "web2"));
}

// NSG-12: a group that judges a machine's packets once more, behind another place, is a new one for its flows.
TEST(FlushConnection, IsForAGroupOfTheSubnetThatIsAttachedToTheMachineAsWell) {
  auto after = base();
  after.virtual_machines[0].network_security_group = "web-nsg";
  EXPECT_THAT(flushed(base(), after), ElementsAre("web1"));
}
