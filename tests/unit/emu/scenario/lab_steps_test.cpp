// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario/lab_steps.hpp"

#include <gmock/gmock.h>

#include "emu/lab/lab.hpp"
#include "emu/scenario/lab_file.hpp"
#include "emu/semantics/resolve.hpp"

namespace emu {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kLab = R"(lab: lesson
virtual_networks:
  - {name: va, address_space: [10.1.0.0/16], subnets: [{name: s, address_prefixes: [10.1.0.0/24]}]}
  - name: vb
    address_space: [10.2.0.0/16]
    subnets: [{name: s, address_prefixes: [10.2.0.0/24]}]
    peerings: [{name: b-to-a, remote_virtual_network: va}]
virtual_machines:
  - {name: vm1, subnet: va/s, web: 80}
checks:
  - {from: vm1, ping: vm1}
steps:
)";

LabFile with(const std::string& steps) { return parse_lab_file(kLab + steps, "lab.yaml"); }

LabFile correct(const std::string& steps) {
  auto lab = with(steps);
  EXPECT_EQ(render(lab.diagnostics, lab.file), "");
  return lab;
}

TEST(LabSteps, ChangeWhatIsThereAndAddWhatIsNot) {
  const auto lab = correct(R"(
  - name: both sides
    change:
      virtual_networks:
        - {name: VA, peerings: [{name: a-to-b, remote_virtual_network: vb}]}
        - {name: vb, peerings: [{name: b-to-a, allow_forwarded_traffic: true}]}
      virtual_machines: [{name: vm2, subnet: vb/s}]
    checks: [{from: vm2, ping: vm1}, {from: vm1, ping: vm2}]
)");
  ASSERT_THAT(lab.steps, SizeIs(1));
  const auto& model = lab.steps[0].lab.model;
  EXPECT_EQ(lab.steps[0].name, "both sides");
  EXPECT_EQ(model.virtual_networks[0].name, "va");
  EXPECT_EQ(model.virtual_networks[0].peerings.at(0).name, "a-to-b");
  EXPECT_TRUE(model.virtual_networks[1].peerings.at(0).allow_forwarded_traffic);
  EXPECT_EQ(model.virtual_networks[1].peerings.at(0).remote_virtual_network, "va");
  EXPECT_THAT(model.virtual_machines, SizeIs(2));
  EXPECT_THAT(model.checks, SizeIs(2));
  EXPECT_THAT(lab.model.checks, SizeIs(1));  // the lab is what it is without them
  EXPECT_THAT(lab.model.virtual_machines, SizeIs(1));
}

TEST(LabSteps, TakeOutAndGoOnFromTheStepBefore) {
  const auto lab = correct(R"(
  - name: more space
    change: {virtual_networks: [{name: va, address_space: [10.1.0.0/16, 10.9.0.0/16]}]}
  - name: no page, no peering
    change:
      virtual_networks: [{name: vb, peerings: [{name: b-to-a, remove: true}]}]
      virtual_machines: [{name: vm1, web: }]
)");
  ASSERT_THAT(lab.steps, SizeIs(2));
  const auto& last = lab.steps[1].lab.model;
  EXPECT_THAT(last.virtual_networks[0].address_space, SizeIs(2));
  EXPECT_THAT(last.virtual_networks[1].peerings, IsEmpty());
  EXPECT_EQ(last.virtual_machines[0].web, std::nullopt);
  EXPECT_THAT(last.checks, IsEmpty());  // those of the lab are not those of a step
}

TEST(LabSteps, AreJudgedOnTheLabThatTheStepBeforeLeaves) {
  const auto lab = correct(R"(
  - name: the side of a
    change: {virtual_networks: [{name: va, peerings: [{name: a-to-b, remote_virtual_network: vb}]}]}
  - name: without it
    change: {virtual_networks: [{name: va, peerings: }]}
  - name: again
    change: {virtual_networks: [{name: va, peerings: [{name: a-to-b, remote_virtual_network: vb}]}]}
)");
  const auto found = check_steps(lab, resolve(lab.model, nullptr).model);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].code, "RemotePeeringIsDisconnected");
  EXPECT_EQ(found[0].position.line, 19);
  EXPECT_TRUE(has_errors(propose(lab, std::nullopt).diagnostics));
}

TEST(LabSteps, WhatTheyBreakElsewhereIsToldAtTheStep) {
  const auto lab = correct(R"(
  - name: no network
    change: {virtual_networks: [{name: va, remove: true}]}
)");
  const auto found = check_steps(lab, resolve(lab.model, nullptr).model);
  ASSERT_FALSE(found.empty());
  for (const auto& one : found) {
    EXPECT_EQ(one.position.line, 14);
    EXPECT_THAT(one.message, HasSubstr("with this step, line "));
  }
}

TEST(LabSteps, ALabThatIsRenamedIsSoInEveryStep) {
  auto lab = correct("  - {name: nothing, checks: [{from: vm1, ping: vm1}]}\n");
  rename_lab(lab, "mine");
  EXPECT_EQ(lab.model.resource_group, "mine");
  EXPECT_EQ(lab.steps.at(0).lab.model.lab, "mine");
  EXPECT_EQ(lab.steps.at(0).lab.model.virtual_networks[0].resource_group, "mine");
}

TEST(LabSteps, SlipsInThemAreToldWithTheirLines) {
  const auto slip = correct("  - {name: x, change: {virtual_machines: [{name: vm1, wed: 80}]}}\n");
  const auto found = check_steps(slip, resolve(slip.model, nullptr).model);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0].message, HasSubstr("unknown key 'wed'"));
  EXPECT_EQ(found[0].position.line, 13);
  const auto lab = with("  - {name: x, changes: {}}\n");
  EXPECT_TRUE(has_errors(lab.diagnostics));
  EXPECT_THAT(lab.steps, IsEmpty());
}

TEST(LabSteps, TooManyAreRefused) {
  std::string steps;
  for (int i = 0; i < 50'000; ++i) steps += "  - {name: x, change: {}}\n";
  const auto lab = with(steps);
  ASSERT_THAT(lab.diagnostics, SizeIs(1));
  EXPECT_EQ(lab.diagnostics[0].message, "so many steps are too many for a lab of this size");
}

TEST(LabSteps, TooManyAreRefusedAlsoWhereAChangeMakesTheLabGrow) {
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "a, ";
  std::string steps = "  - {name: first, change: {q: [" + many + "a]}}\n";
  for (int i = 0; i < 60; ++i) steps += "  - {name: x" + std::to_string(i) + ", change: {}}\n";
  const auto lab = with(steps);
  ASSERT_THAT(lab.diagnostics, SizeIs(1));
  EXPECT_EQ(lab.diagnostics[0].message, "so many steps are too many for a lab of this size");
}

TEST(LabSteps, OfOneNameAreRefused) {
  const auto lab = with("  - {name: again, change: {}}\n  - {name: again, change: {}}\n");
  ASSERT_THAT(lab.diagnostics, SizeIs(1));
  EXPECT_EQ(lab.diagnostics[0].message, "another step is called 'again' already");
}

}  // namespace
}  // namespace emu
