// SPDX-License-Identifier: Apache-2.0
#include "emu/flowlog/flow_recorder.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <netinet/in.h>

#include "emu/fabric/router.hpp"
#include "emu/semantics/resolve.hpp"
#include "tests/unit/emu/sample_model.hpp"

namespace sample = emu::sample;
using emu::FlowRecorder;
using emu::FlowTime;
using emu::Model;
using emu::RuleAccess;
using emu::RuleDirection;
using netns::Flow;
using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

constexpr FlowTime kStart{milliseconds{1663146003599}};

emu::SecurityRule rule(std::string name, std::uint16_t priority, RuleDirection direction, RuleAccess access, emu::PortRange port = {}) {
  emu::SecurityRule out{std::move(name), "", priority, direction, access, emu::RuleProtocol::Any, {{{}}, {"*"}, {}}, {{port}, {"*"}, {}}};
  return out;
}

/// `net`: app with vm1 .4 and vm2 .5 and a group, open with vm3; all of it recorded.
Model model_of() {
  Model model;
  model.lab = "lab";
  model.virtual_networks = {
      sample::network("net", {"10.0.0.0/16"}, {sample::subnet("app", {"10.0.0.0/24"}), sample::subnet("open", {"10.0.1.0/24"})})};
  model.virtual_networks[0].subnets[0].network_security_group = "nsg";
  model.network_security_groups = {{"nsg",
                                    "",
                                    {rule("web", 100, RuleDirection::Inbound, RuleAccess::Allow, {80, 80}),
                                     rule("no", 200, RuleDirection::Inbound, RuleAccess::Deny, {22, 22})}}};
  model.virtual_machines = {sample::with_private(sample::machine("vm1", "net", "app"), "10.0.0.4"),
                            sample::with_private(sample::machine("vm2", "net", "app"), "10.0.0.5"),
                            sample::with_private(sample::machine("vm3", "net", "open"), "10.0.1.4")};
  model.flow_logs = {{"audit", "net"}};
  return emu::resolve(model, nullptr).model;
}

netns::FlowEnds tcp(std::string_view from, std::string_view to, std::uint16_t port = 80) {
  return {IPPROTO_TCP, sample::address(from), sample::address(to), 50000, port};
}

Flow flow(const netns::FlowEnds& ends, netns::FlowCount sent = {}, netns::FlowCount received = {}) {
  return {1, ends, ends, 0, false, sent, received};
}

netns::LoggedPacket denied(std::string prefix, const netns::FlowEnds& ends) { return {std::move(prefix), {}, ends, 0}; }

/// `audit/vm1/nsg/web 10.0.0.5->10.0.0.4 I,B 0,0,0,0`
std::vector<std::string> told(FlowRecorder& recorder) {
  std::vector<std::string> lines;
  for (const auto& [place, tuple] : recorder.take()) {
    const auto text = to_string(tuple);
    lines.push_back(fmt::format("{}/{}/{}/{} {}->{} {},{} {},{},{},{}", place.flow_log, place.machine, place.network_security_group,
                                place.rule, to_string(tuple.ends.source), to_string(tuple.ends.destination),
                                tuple.direction == emu::FlowDirection::Inbound ? 'I' : 'O', "BCED"[static_cast<int>(tuple.state)],
                                tuple.sent.packets, tuple.sent.bytes, tuple.received.packets, tuple.received.bytes));
  }
  return lines;
}

}  // namespace

// FLOW-2, FLOW-3
TEST(FlowRecorder, TellsOfAFlowAtBothItsInterfaces) {
  FlowRecorder recorder(model_of(), "net");
  const auto ends = tcp("10.0.0.5", "10.0.0.4");
  recorder.begin(flow(ends), kStart);
  EXPECT_THAT(told(recorder), ElementsAre("audit/vm2/nsg/DefaultRule_AllowVnetOutBound 10.0.0.5->10.0.0.4 O,B 0,0,0,0",
                                          "audit/vm1/nsg/web 10.0.0.5->10.0.0.4 I,B 0,0,0,0"));
  recorder.end(flow(ends, {7, 444}, {5, 436}), kStart + milliseconds{3});
  EXPECT_THAT(told(recorder), ElementsAre("audit/vm2/nsg/DefaultRule_AllowVnetOutBound 10.0.0.5->10.0.0.4 O,E 7,444,5,436",
                                          "audit/vm1/nsg/web 10.0.0.5->10.0.0.4 I,E 7,444,5,436"));
  recorder.end(flow(ends, {7, 444}, {5, 436}), kStart + minutes{2});
  EXPECT_THAT(told(recorder), IsEmpty()) << "a flow ends once";
}

TEST(FlowRecorder, ContinuesEveryFiveMinutesWithWhatCameSince) {
  FlowRecorder recorder(model_of(), "net");
  const auto ends = tcp("10.0.1.4", "203.0.113.9");
  recorder.begin(flow(ends), kStart);
  recorder.take();
  EXPECT_THAT(recorder.due(kStart + minutes{5} - milliseconds{1}), IsEmpty());
  EXPECT_THAT(recorder.due(kStart + minutes{5}), ElementsAre(flow(ends)));
  recorder.go_on(flow(ends, {10, 1000}, {8, 800}), kStart + minutes{5});
  EXPECT_THAT(told(recorder), ElementsAre("audit/vm3//PlatformRule 10.0.1.4->203.0.113.9 O,C 10,1000,8,800"));
  EXPECT_THAT(recorder.due(kStart + minutes{10}), ElementsAre(flow(ends)));
  recorder.go_on(flow(ends, {12, 1200}, {8, 800}), kStart + minutes{10});
  EXPECT_THAT(told(recorder), ElementsAre("audit/vm3//PlatformRule 10.0.1.4->203.0.113.9 O,C 2,200,0,0"));
  recorder.end(flow(ends, {13, 1300}, {9, 900}), kStart + minutes{11});
  EXPECT_THAT(told(recorder), ElementsAre("audit/vm3//PlatformRule 10.0.1.4->203.0.113.9 O,E 1,100,1,100"));
  EXPECT_THAT(recorder.due(kStart + minutes{60}), IsEmpty());
}

// PIP-5, NSG-14
TEST(FlowRecorder, TellsOfThePrivateAddressBehindAPublicOne) {
  FlowRecorder recorder(model_of(), "net");
  auto translated = flow(tcp("203.0.113.200", "203.0.113.61"));
  translated.delivered.destination = sample::address("10.0.0.4");
  recorder.begin(translated, kStart);
  EXPECT_THAT(told(recorder), ElementsAre("audit/vm1/nsg/web 203.0.113.200->10.0.0.4 I,B 0,0,0,0"));
}

TEST(FlowRecorder, TellsOfADeniedFlowOnceAMinute) {
  FlowRecorder recorder(model_of(), "net");
  const auto packet = denied("I", tcp("10.0.1.4", "10.0.0.4", 22));
  recorder.deny(packet, kStart);
  recorder.deny(packet, kStart + milliseconds{1000});
  EXPECT_THAT(told(recorder), ElementsAre("audit/vm1/nsg/no 10.0.1.4->10.0.0.4 I,D 0,0,0,0"));
  recorder.deny(packet, kStart + minutes{1});
  recorder.deny(denied("I", tcp("10.0.0.5", "10.0.0.4", 22)), kStart + minutes{1});
  EXPECT_THAT(told(recorder),
              ElementsAre("audit/vm1/nsg/no 10.0.1.4->10.0.0.4 I,D 0,0,0,0", "audit/vm1/nsg/no 10.0.0.5->10.0.0.4 I,D 0,0,0,0"));
}

// An appliance is denied what it passes on for another: its MAC address tells.
TEST(FlowRecorder, KeepsNoMoreDeniedFlowsThanItsBound) {
  FlowRecorder recorder(model_of(), "net");
  auto ends = tcp("10.0.0.5", "10.0.0.4", 22);
  const auto try_many = [&](std::size_t count, FlowTime now) {
    for (std::size_t i = 0; i < count; ++i) {
      ends.source = {0x0a010000U + static_cast<std::uint32_t>(i)};
      recorder.deny(denied("I", ends), now);
    }
  };
  try_many(FlowRecorder::kMostDenied + 1000, kStart);
  EXPECT_EQ(recorder.take().size(), FlowRecorder::kMostDenied);
  try_many(10, kStart + minutes{1});
  EXPECT_EQ(recorder.take().size(), 10U) << "a minute later there is room again";
}

TEST(FlowRecorder, TellsOfADeniedPacketWhereItWasSent) {
  const auto model = model_of();
  FlowRecorder recorder(model, "net");
  auto packet = denied("O", tcp("10.9.0.4", "10.0.0.4", 22));
  recorder.deny(packet, kStart);
  EXPECT_THAT(told(recorder), IsEmpty());
  packet.sender = mac_address(model.virtual_networks[0].subnets[1], sample::address("10.0.1.4"));
  recorder.deny(packet, kStart);
  EXPECT_THAT(told(recorder), ElementsAre("audit/vm3//PlatformRule 10.9.0.4->10.0.0.4 O,D 0,0,0,0"));
}

TEST(FlowRecorder, SaysPlatformRuleWhereNoRuleAgreesWithWhatHappened) {
  FlowRecorder recorder(model_of(), "net");
  recorder.deny(denied("I", tcp("10.0.1.4", "10.0.0.4", 80)), kStart);
  EXPECT_THAT(told(recorder), ElementsAre("audit/vm1//PlatformRule 10.0.1.4->10.0.0.4 I,D 0,0,0,0"));
}

TEST(FlowRecorder, PassesOverInterfacesThatAreNotCovered) {
  auto model = model_of();
  model.flow_logs = {{"part", "net/open"}, {"off", "net", false}};
  FlowRecorder recorder(model, "net");
  recorder.begin(flow(tcp("10.0.0.5", "10.0.0.4")), kStart);
  recorder.deny(denied("I", tcp("10.0.0.5", "10.0.0.4", 22)), kStart);
  EXPECT_THAT(told(recorder), IsEmpty());
  recorder.begin(flow(tcp("10.0.1.4", "10.0.0.4")), kStart);
  EXPECT_THAT(told(recorder), ElementsAre("part/vm3//PlatformRule 10.0.1.4->10.0.0.4 O,B 0,0,0,0"));
}

TEST(FlowRecorder, UsesTheClosestFlowLog) {
  auto model = model_of();
  model.flow_logs = {{"network", "NET"}, {"subnet", "net/App"}, {"interface", "VM1"}};
  FlowRecorder recorder(model, "net");
  for (const auto* to : {"10.0.0.4", "10.0.0.5", "10.0.1.4"}) recorder.begin(flow(tcp("203.0.113.200", to)), kStart);
  std::vector<std::string> logs;
  for (const auto& entry : recorder.take()) logs.push_back(entry.place.flow_log);
  EXPECT_THAT(logs, ElementsAre("interface", "subnet", "network"));
}

// NSG-12
TEST(FlowRecorder, KeepsTheRuleOfAFlowThatHasBegun) {
  auto model = model_of();
  FlowRecorder recorder(model, "net");
  const auto old = flow(tcp("10.0.1.4", "10.0.0.4"));
  recorder.begin(old, kStart);
  recorder.take();
  model.network_security_groups[0].security_rules[0].name = "other";
  recorder.change(model);
  recorder.begin(flow(tcp("10.0.1.4", "10.0.0.5")), kStart);
  recorder.end(old, kStart);
  std::vector<std::string> rules;
  for (const auto& entry : recorder.take())
    if (entry.tuple.direction == emu::FlowDirection::Inbound) rules.push_back(entry.place.rule);
  EXPECT_THAT(rules, ElementsAre("other", "web"));
}

TEST(FlowRecorder, CatchesUpWithWhatItMissed) {
  FlowRecorder recorder(model_of(), "net");
  const auto gone = flow(tcp("10.0.1.4", "203.0.113.9", 1));
  const auto stays = flow(tcp("10.0.1.4", "203.0.113.9", 2));
  const auto is_new = flow(tcp("10.0.1.4", "203.0.113.9", 3));
  auto over = flow(tcp("10.0.1.4", "203.0.113.9", 4));
  for (const auto& known : {gone, stays, over}) recorder.begin(known, kStart);
  recorder.take();
  over.over = true;
  over.sent = {3, 300};
  recorder.catch_up({stays, is_new, over}, kStart);
  EXPECT_THAT(told(recorder), ElementsAre("audit/vm3//PlatformRule 10.0.1.4->203.0.113.9 O,B 0,0,0,0",
                                          "audit/vm3//PlatformRule 10.0.1.4->203.0.113.9 O,E 3,300,0,0",
                                          "audit/vm3//PlatformRule 10.0.1.4->203.0.113.9 O,E 0,0,0,0"));
  EXPECT_TRUE(recorder.knows(stays));
  EXPECT_FALSE(recorder.knows(gone));
}
