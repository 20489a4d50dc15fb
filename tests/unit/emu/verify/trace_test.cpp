// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/trace.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "emu/verify/trace_report.hpp"
#include "tests/unit/emu/sample_model.hpp"

namespace emu {
namespace {

using netns::Direction;
using netns::ProbePacket;
using std::chrono::microseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Kind = ProbePacket::Kind;

const Ipv4Address kPrivate{0x0a010004};  // 10.1.0.4
const Ipv4Address kPublic{0xcb007104};   // 203.0.113.4
const Ipv4Address kLaptop{0xcb0071c8};   // 203.0.113.200
const Flow kFlow{"vm1", kLaptop, CheckKind::Tcp, 80};

Sighting seen(int time, const char* node, Direction direction, const char* link, Kind kind = Kind::Syn, Ipv4Address source = kPrivate,
              Ipv4Address destination = kLaptop) {
  return {node, link, direction, microseconds{1'000'000 + time}, {kind, source, destination, 7}};
}

/// A connection to the internet: out through the edge, which translates, and back.
std::vector<Sighting> round_trip() {
  using enum Direction;
  return {
      seen(0, "vm1", Out, "eth0"),
      seen(3, "net", In, "vm-vm1"),
      seen(4, "net", In, "br-default"),
      seen(9, "net", Out, "internet", Kind::Syn, kPublic),
      seen(10, "internet", In, "vnet-net", Kind::Syn, kPublic),
      seen(12, "internet", Out, "host-laptop", Kind::Syn, kPublic),
      seen(13, "laptop", In, "eth0", Kind::Syn, kPublic),
      seen(20, "laptop", Out, "eth0", Kind::SynAck, kLaptop, kPublic),
      seen(21, "internet", In, "host-laptop", Kind::SynAck, kLaptop, kPublic),
      seen(23, "internet", Out, "vnet-net", Kind::SynAck, kLaptop, kPublic),
      seen(24, "net", In, "internet", Kind::SynAck, kLaptop, kPublic),
      seen(28, "net", Out, "br-default", Kind::SynAck, kLaptop, kPrivate),
      seen(29, "net", Out, "vm-vm1", Kind::SynAck, kLaptop, kPrivate),
      seen(31, "vm1", In, "eth0", Kind::SynAck, kLaptop, kPrivate),
  };
}

std::vector<std::string> nodes_of(const std::vector<TraceHop>& hops) {
  std::vector<std::string> nodes;
  for (const auto& hop : hops) nodes.push_back(hop.node);
  return nodes;
}

TEST(WaysOf, IsTheNodesInTheOrderOfTime) {
  auto shuffled = round_trip();
  std::ranges::reverse(shuffled);
  const auto trace = ways_of(shuffled, "vm1");
  EXPECT_THAT(nodes_of(trace.there), ElementsAre("vm1", "net", "internet", "laptop"));
  EXPECT_THAT(nodes_of(trace.back), ElementsAre("laptop", "internet", "net", "vm1"));
}

TEST(WaysOf, AHopHasItsFirstAndItsLastLinkAndWhatWasTranslated) {
  const auto trace = ways_of(round_trip(), "vm1");
  const auto& edge = trace.there[1];
  EXPECT_EQ(edge.in, "vm-vm1");
  EXPECT_EQ(edge.out, "internet");
  EXPECT_EQ(edge.time, microseconds{3});
  EXPECT_EQ(edge.came.source, kPrivate);
  EXPECT_EQ(edge.left.source, kPublic);
  EXPECT_EQ(trace.there.front().in, "");
  EXPECT_EQ(trace.there.back().out, "");
  EXPECT_EQ(trace.back[2].out, "vm-vm1");
}

TEST(WaysOf, ANodeThatGetsThePacketBackIsTwoHops) {
  using enum Direction;
  const auto trace = ways_of({seen(0, "vm1", Out, "eth0"), seen(1, "net", In, "vm-vm1"), seen(2, "net", Out, "vm-fw"),
                              seen(3, "net", In, "vm-fw"), seen(4, "net", Out, "vm-vm2")},
                             "vm1");
  ASSERT_THAT(nodes_of(trace.there), ElementsAre("vm1", "net", "net"));
  EXPECT_EQ(trace.there[1].out, "vm-fw");
  EXPECT_EQ(trace.there[2].in, "vm-fw");
}

TEST(WaysOf, IsOfTheTryThatWasAnswered) {
  auto sightings = round_trip();
  for (auto& sighting : sightings) sighting.time += microseconds{500};
  sightings.push_back(seen(0, "vm1", Direction::Out, "eth0"));
  const auto trace = ways_of(sightings, "vm1");
  EXPECT_THAT(trace.there, testing::SizeIs(4));
  EXPECT_THAT(trace.back, testing::SizeIs(4));
  EXPECT_EQ(trace.there.front().time.count(), 0);
}

TEST(WaysOf, IsOfTheFirstTryWhenNoneWasAnswered) {
  using enum Direction;
  const auto trace = ways_of({seen(0, "vm1", Out, "eth0"), seen(1, "net", In, "vm-vm1"), seen(900, "vm1", Out, "eth0")}, "vm1");
  EXPECT_THAT(nodes_of(trace.there), ElementsAre("vm1", "net"));
  EXPECT_THAT(trace.back, IsEmpty());
}

TEST(WaysOf, NothingSeenIsNoWay) {
  const auto trace = ways_of({}, "vm1");
  EXPECT_THAT(trace.there, IsEmpty());
  EXPECT_THAT(trace.back, IsEmpty());
}

TEST(Explain, PutsWordsToTheNodeTheyAreAbout) {
  auto trace = ways_of(round_trip(), "vm1");
  explain(trace.there, {{"vm vm1", "web outbound: Allow out (100)", "vm1"},
                        {"net/default", "route 0.0.0.0/0 -> Internet", "net"},
                        {"vnet net", "leaves", "net"}});
  EXPECT_THAT(trace.there[0].words, ElementsAre("web outbound: Allow out (100)"));
  EXPECT_THAT(trace.there[1].words, ElementsAre("net/default: route 0.0.0.0/0 -> Internet", "leaves"));
  EXPECT_THAT(trace.there[2].words, IsEmpty());
}

TEST(Explain, WhatIsAboutANodeThatWasNotReachedGoesToTheLastOne) {
  using enum Direction;
  auto trace = ways_of({seen(0, "vm1", Out, "eth0"), seen(1, "net", In, "vm-vm1")}, "vm1");
  explain(trace.there, {{"vm vm2", "web inbound: Deny in (100)", "vm2"}});
  EXPECT_THAT(trace.there[1].words, ElementsAre("vm vm2: web inbound: Deny in (100)"));
  explain(trace.back, {{"vm vm2", "nobody is there to explain", "vm2"}});
}

/// vm1, a firewall that people's rules turn packets at, and web, which serves a page.
Model with_firewall() {
  Model model;
  model.lab = "lab";
  model.virtual_networks = {sample::network("net", {"10.1.0.0/16"}, {sample::subnet("s", {"10.1.0.0/24"})})};
  model.virtual_machines = {sample::with_private(sample::machine("vm1", "net", "s"), "10.1.0.4"),
                            sample::with_private(sample::machine("fw", "net", "s"), "10.1.0.9"),
                            sample::with_private(sample::machine("web", "net", "s"), "10.1.0.5")};
  model.virtual_machines[1].ip_forwarding = true;
  model.virtual_machines[2].web = 80;
  return sample::resolved(model);
}

const Ipv4Address kFirewall{0x0a010009};
const Ipv4Address kWeb{0x0a010005};

/// From vm1 to fw:8080, which sends it on to web:80 with `source`.
Trace turned(const Model& model, Ipv4Address source, ProbeOutcome measured) {
  using enum Direction;
  const Flow flow{"vm1", kFirewall, CheckKind::Tcp, 8080};
  std::vector<Sighting> sightings{
      seen(0, "vm1", Out, "eth0", Kind::Syn, kPrivate, kFirewall),  seen(1, "net", In, "vm-vm1", Kind::Syn, kPrivate, kFirewall),
      seen(2, "net", Out, "vm-fw", Kind::Syn, kPrivate, kFirewall), seen(3, "fw", In, "eth0", Kind::Syn, kPrivate, kFirewall),
      seen(4, "fw", Out, "eth0", Kind::Syn, source, kWeb),          seen(5, "net", In, "vm-fw", Kind::Syn, source, kWeb),
      seen(6, "net", Out, "vm-web", Kind::Syn, source, kWeb),       seen(7, "web", In, "eth0", Kind::Syn, source, kWeb)};
  for (auto& sighting : sightings) sighting.packet.port = sighting.packet.destination == kWeb ? 80 : 8080;
  auto trace = ways_of(sightings, "vm1");
  trace.measured.outcome = measured;
  trace.predicted = predict(model, flow);
  trace.turn = turn_of(model, trace.there);
  judge_trace(model, flow, trace);
  return trace;
}

// Azure's rules say nothing about what an appliance does inside.
TEST(JudgeTrace, OfAPacketThatAnApplianceTurnedAsksTheRulesAnew) {
  const auto model = with_firewall();
  const auto trace = turned(model, kFirewall, ProbeOutcome::Reachable);
  ASSERT_EQ(trace.turn, (Turn{2, "fw", kWeb, 80, true}));
  EXPECT_EQ(trace.predicted.fate, Fate::Answers) << "of web, though nobody listens on fw itself";
  EXPECT_TRUE(trace.agrees);
  const auto text = trace_text({"vm1", kFirewall, CheckKind::Tcp, 8080}, "fw:8080", trace);
  EXPECT_THAT(text, HasSubstr("turned to 10.1.0.5:80 by rules of fw's own, as Azure's rules say\n"));

  EXPECT_FALSE(turned(model, kFirewall, ProbeOutcome::Blocked).agrees) << "what fw sends to web has to arrive";
  const auto not_its_own = turned(model, kPrivate, ProbeOutcome::Blocked);
  EXPECT_TRUE(not_its_own.agrees) << "what becomes of an answer to vm1 itself is not known";
  EXPECT_THAT(trace_text({"vm1", kFirewall, CheckKind::Tcp, 8080}, "fw:8080", not_its_own),
              HasSubstr(", of which Azure's rules say nothing\n"));
}

TEST(JudgeTrace, ATurnedPacketMustHaveComeToTheAppliance) {
  auto model = with_firewall();
  model.network_security_groups = {{"shut", "", {}}};
  model.network_security_groups[0].security_rules.emplace_back();
  auto& rule = model.network_security_groups[0].security_rules[0];
  rule.name = "nothing";
  rule.priority = 100;
  rule.access = RuleAccess::Deny;
  rule.direction = RuleDirection::Outbound;
  rule.source.address_prefixes = rule.destination.address_prefixes = {"*"};
  rule.source.port_ranges = rule.destination.port_ranges = {PortRange{0, 65535}};
  model.virtual_machines[0].network_security_group = "shut";
  EXPECT_FALSE(turned(model, kFirewall, ProbeOutcome::Reachable).agrees);
}

TEST(JudgeTrace, WhoListensIsNotAzuresBusiness) {
  const auto model = with_firewall();
  const Flow flow{"vm1", kFirewall, CheckKind::Tcp, 8080};
  Trace trace;
  trace.predicted = predict(model, flow);
  ASSERT_EQ(trace.predicted.fate, Fate::Refused);
  trace.measured.outcome = ProbeOutcome::Reachable;
  judge_trace(model, flow, trace);
  EXPECT_TRUE(trace.agrees);
  trace.measured.outcome = ProbeOutcome::Blocked;
  judge_trace(model, flow, trace);
  EXPECT_FALSE(trace.agrees);
}

TEST(TurnOf, IsNoTranslationOfTheNetworksOwn) { EXPECT_EQ(turn_of(with_firewall(), ways_of(round_trip(), "vm1").there), std::nullopt); }

Trace answered() {
  auto trace = ways_of(round_trip(), "vm1");
  explain(trace.there, {{"net/default", "route 0.0.0.0/0 -> Internet", "net"}});
  trace.path = Path::Internet;
  trace.measured = {ProbeOutcome::Reachable, 0, microseconds{31}, {}};
  trace.predicted.fate = Fate::Answers;
  trace.agrees = true;
  return trace;
}

TEST(TraceText, IsALineANodeWithWhatIsNewOfThePacket) {
  EXPECT_EQ(trace_text(kFlow, "laptop:80", answered()),
            "vm1 -> laptop:80  tcp/80\n"
            "  0.000 ms   vm1        > eth0                   10.1.0.4 -> 203.0.113.200  SYN\n"
            "  0.003 ms   net        vm-vm1 > internet        203.0.113.4 -> 203.0.113.200\n"
            "              net/default: route 0.0.0.0/0 -> Internet\n"
            "  0.010 ms   internet   vnet-net > host-laptop\n"
            "  0.013 ms   laptop     eth0\n"
            "answer\n"
            "  0.020 ms   laptop     > eth0                   203.0.113.200 -> 203.0.113.4  SYN,ACK\n"
            "  0.021 ms   internet   host-laptop > vnet-net\n"
            "  0.024 ms   net        internet > vm-vm1        203.0.113.200 -> 10.1.0.4\n"
            "  0.031 ms   vm1        eth0\n"
            "reachable in 0.031 ms over the internet, as Azure's rules say\n");
}

TEST(TraceText, SaysWhyNothingCameBack) {
  using enum Direction;
  auto trace = ways_of({seen(0, "vm1", Out, "eth0"), seen(1, "net", In, "vm-vm1")}, "vm1");
  trace.path = Path::VirtualNetwork;
  trace.predicted.reason = "net/default: route 10.0.0.0/8 -> None drops it";
  trace.agrees = true;
  EXPECT_THAT(trace_text(kFlow, "10.9.9.9:80", trace),
              testing::EndsWith("  0.001 ms   net   vm-vm1\n"
                                "blocked, got as far as the VNet, as Azure's rules say: net/default: route 10.0.0.0/8 -> None drops it\n"));
}

TEST(TraceText, SaysWherePacketsAndRulesDisagree) {
  auto trace = answered();
  trace.agrees = false;
  trace.predicted.fate = Fate::Silent;
  trace.predicted.reason = "vm vm1: no";
  EXPECT_THAT(trace_text(kFlow, "laptop:80", trace),
              testing::EndsWith("reachable in 0.031 ms over the internet\n!! Azure's rules say blocked: vm vm1: no\n"));
}

TEST(TraceText, SaysWhenAMachineSendsNothing) {
  Trace trace;
  trace.measured = {ProbeOutcome::Unreachable, 0, {}, "this node cannot send: Network is unreachable"};
  const auto text = trace_text(kFlow, "laptop:80", trace);
  EXPECT_THAT(text, HasSubstr("  seen on no link\nunreachable: this node cannot send: Network is unreachable\n"));
  EXPECT_THAT(text, Not(HasSubstr("answer\n")));
}

TEST(TraceText, OfAPageSaysItsStatus) {
  auto trace = answered();
  trace.measured = {ProbeOutcome::Status, 403, microseconds{31}, {}};
  trace.predicted.fate = Fate::Status;
  trace.predicted.status = 403;
  const Flow flow{"vm1", kLaptop, CheckKind::Http, 80};
  const auto text = trace_text(flow, "http://laptop/", trace);
  EXPECT_THAT(text, testing::StartsWith("vm1 -> http://laptop/  http/80\n"));
  EXPECT_THAT(text, testing::EndsWith("403 over the internet, as Azure's rules say\n"));
  EXPECT_EQ(nlohmann::json::parse(trace_json(flow, "http://laptop/", trace))["connectionStatus"], "Reachable");
}

TEST(TraceText, CutsAWayThatGoesRoundInCircles) {
  using enum Direction;
  std::vector<Sighting> sightings{seen(0, "vm1", Out, "eth0")};
  for (int i = 1; i < 121; i += 4) {
    sightings.push_back(seen(i, "net", In, "a"));
    sightings.push_back(seen(i + 1, "net", Out, "b"));
    sightings.push_back(seen(i + 2, "fw", In, "eth0"));
    sightings.push_back(seen(i + 3, "fw", Out, "eth0"));
  }
  EXPECT_THAT(trace_text(kFlow, "laptop:80", ways_of(sightings, "vm1")), HasSubstr("  and 37 more\n"));
}

TEST(TraceJson, HasAzuresWordsForTheOutcomeAndEveryHop) {
  const auto json = nlohmann::json::parse(trace_json(kFlow, "laptop:80", answered()));
  EXPECT_EQ(json["connectionStatus"], "Reachable");
  EXPECT_DOUBLE_EQ(json["avgLatencyInMs"], 0.031);
  EXPECT_EQ(json["path"], "internet");
  EXPECT_EQ(json["destinationPort"], 80);
  EXPECT_EQ(json["hops"].size(), 4U);
  EXPECT_EQ(json["hops"][1]["sourceIPAddress"], "203.0.113.4");
  EXPECT_EQ(json["hops"][1]["rules"][0], "net/default: route 0.0.0.0/0 -> Internet");
  EXPECT_TRUE(json["hops"][0]["in"].is_null());
  EXPECT_EQ(json["answerHops"][0]["packet"], "SYN,ACK");
}

TEST(TraceJson, IsUnreachableWithoutALatencyWhenNothingCameBack) {
  const auto json = nlohmann::json::parse(trace_json(kFlow, "laptop:80", Trace{}));
  EXPECT_EQ(json["connectionStatus"], "Unreachable");
  EXPECT_TRUE(json["avgLatencyInMs"].is_null());
  EXPECT_TRUE(json["path"].is_null());
}

}  // namespace
}  // namespace emu
