// SPDX-License-Identifier: Apache-2.0
// What a router has when something in its network is recorded.
#include "emu/fabric/flow_logs.hpp"

#include <gmock/gmock.h>

#include "emu/fabric/router.hpp"
#include "emu/model/model_json.hpp"
#include "tests/unit/emu/sample_vpn.hpp"

namespace emu {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// The hub's flow log, with VPN keys in the model and a program that knows a password.
Model recorded() {
  auto model = sample::vpn_lab();
  model.flow_logs = {{"log", "hub", true}};
  model.virtual_machines[0].programs.run = {"login --password S3cret"};
  return sample::resolved(model);
}

const netns::Process& collector_of(const netns::State& state) { return state.namespaces.at("vpn.hub").processes.at("flow_log"); }

std::string recorded_model(const netns::State& state) { return collector_of(state).folder.files.at("model.json"); }

netns::State state_of(const Model& model) { return build_state(model, {"/usr/bin/lazuli", "/run/lazuli/vpn"}); }

}  // namespace

TEST(FlowLogs, AreCollectedWhereOneIsAndNowhereElse) {
  auto model = recorded();
  EXPECT_TRUE(state_of(model).namespaces.at("vpn.hub").processes.contains("flow_log"));
  EXPECT_FALSE(state_of(model).namespaces.at("vpn.spoke").processes.contains("flow_log"));
  EXPECT_EQ(denials_in(model, model.virtual_networks[0]).inbound, "goto denied_inbound");
  EXPECT_EQ(denials_in(model, model.virtual_networks[1]).inbound, "drop") << "nobody reads what the spoke would log";
  model.flow_logs[0].enabled = false;
  EXPECT_FALSE(state_of(model).namespaces.at("vpn.hub").processes.contains("flow_log"));
}

TEST(FlowLogs, TheCollectorKnowsNoKeyAndNoProgram) {
  const auto text = recorded_model(state_of(recorded()));
  EXPECT_THAT(text, Not(HasSubstr("Str0ngKey")));
  EXPECT_THAT(text, Not(HasSubstr("S3cret")));
  const auto read = model_from_json(text);
  EXPECT_EQ(read.virtual_networks, recorded().virtual_networks) << "and all that rules are about";
  EXPECT_EQ(read.virtual_network_gateway_connections.size(), 1U);
}

// It goes on over a change that does not concern it, and is told of one that does.
TEST(FlowLogs, TheCollectorIsToldOfWhatIsRecordedOnly) {
  auto model = recorded();
  const auto before = recorded_model(state_of(model));
  model.checks.emplace_back();
  model.internet.hosts = {sample::host("laptop", "203.0.113.200")};
  EXPECT_EQ(recorded_model(state_of(model)), before);
  model.network_security_groups = {{"nsg", "", {}}};
  EXPECT_NE(recorded_model(state_of(model)), before);
  EXPECT_TRUE(collector_of(state_of(model)).folder.reread);
}

TEST(FlowLogs, WhatIsDeniedIsLoggedBeforeItIsDropped) {
  auto model = recorded();
  const auto& hub = model.virtual_networks[0];
  const auto denials = denials_in(model, hub);
  EXPECT_EQ(denials.inbound, "goto denied_inbound");
  EXPECT_EQ(denials.outbound, "goto denied_outbound");
  EXPECT_THAT(denials.chains, HasSubstr(" chain denied_inbound {\n  log prefix "));
  EXPECT_THAT(build_router(model, hub).ruleset->text, HasSubstr("ip daddr != @open_to_internet goto denied_inbound")) << "PIP-6";
  model.flow_logs.clear();
  EXPECT_EQ(denials_in(model, hub).inbound, "drop");
  EXPECT_THAT(denials_in(model, hub).chains, IsEmpty());
}

}  // namespace emu
