// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/rule_runs.hpp"

#include <gmock/gmock.h>

#include <random>

#include "tests/unit/emu/sample_model.hpp"

namespace sample = emu::sample;
using emu::EffectiveSecurityRule;
using emu::Packet;
using emu::PortRange;
using emu::RuleAccess;
using emu::RuleProtocol;
using emu::RuleRun;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

constexpr PortRange kAllPorts{};

EffectiveSecurityRule rule(std::uint16_t priority, RuleAccess access, RuleProtocol protocol, const std::vector<std::string_view>& from,
                           const std::vector<std::string_view>& to, std::vector<PortRange> ports) {
  EffectiveSecurityRule out;
  out.name = "securityRules/" + std::to_string(priority);
  out.priority = priority;
  out.access = access;
  out.protocol = protocol;
  out.source.addresses = sample::prefixes(from);
  out.source.port_ranges = {kAllPorts};
  out.destination.addresses = sample::prefixes(to);
  out.destination.port_ranges = std::move(ports);
  return out;
}

std::uint32_t number_of(RuleProtocol protocol) {
  switch (protocol) {
    case RuleProtocol::Tcp: return 6;
    case RuleProtocol::Udp: return 17;
    case RuleProtocol::Icmp: return 1;
    default: return 50;
  }
}

/// What the kernel does with the runs: the first whose set holds the packet decides. @return the rule's place in the list
std::optional<std::size_t> look_up(const std::vector<RuleRun>& runs, const Packet& packet) {
  const std::array<std::uint32_t, emu::kRuleFields> values{number_of(packet.protocol), packet.source.value, packet.source_port,
                                                           packet.destination.value, packet.destination_port};
  const auto in = [&](const emu::FieldRange& range, std::size_t field) {
    return range.first <= values[field] && values[field] <= range.last;
  };
  for (const auto& run : runs) {
    bool matches = !run.is_wide && run.shape == emu::Shape{};
    if (run.is_wide) {
      matches = true;
      for (std::size_t i = 0; i < emu::kRuleFields; ++i)
        matches = matches && (!run.shape[i] || std::ranges::any_of(run.wide[i], [&](const auto& range) { return in(range, i); }));
    }
    if (matches) return run.rule;
    for (const auto& [box, rule] : run.boxes) {
      bool inside = true;
      for (std::size_t i = 0; i < emu::kRuleFields; ++i) inside = inside && (!run.shape[i] || in(box[i], i));
      if (inside) return rule;
    }
  }
  return std::nullopt;
}

bool overlap(const emu::Box& a, const emu::Box& b) {
  for (std::size_t i = 0; i < emu::kRuleFields; ++i)
    if (a[i].last < b[i].first || b[i].last < a[i].first) return false;
  return true;
}

}  // namespace

TEST(RuleRuns, AThousandRulesOfOneKindAreOneLookup) {
  std::vector<EffectiveSecurityRule> rules;
  for (std::uint16_t i = 0; i < 1000; ++i)
    rules.push_back(rule(static_cast<std::uint16_t>(100 + i), RuleAccess::Allow, RuleProtocol::Tcp, {"10.0.0.0/16"}, {"0.0.0.0/0"},
                         {{static_cast<std::uint16_t>(1000 + 2 * i), static_cast<std::uint16_t>(1000 + 2 * i)}}));
  const auto runs = emu::rule_runs(rules);
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_THAT(runs[0].boxes, SizeIs(1000));
}

TEST(RuleRuns, OtherFieldsEndARunAndAnotherAccessDoesNot) {
  const auto runs = emu::rule_runs({rule(100, RuleAccess::Allow, RuleProtocol::Tcp, {"0.0.0.0/0"}, {"0.0.0.0/0"}, {{80, 80}}),
                                    rule(110, RuleAccess::Deny, RuleProtocol::Tcp, {"0.0.0.0/0"}, {"0.0.0.0/0"}, {{81, 81}}),
                                    rule(120, RuleAccess::Deny, RuleProtocol::Tcp, {"10.0.0.0/8"}, {"0.0.0.0/0"}, {{82, 82}}),
                                    rule(130, RuleAccess::Deny, RuleProtocol::Any, {"0.0.0.0/0"}, {"0.0.0.0/0"}, {kAllPorts}),
                                    rule(140, RuleAccess::Allow, RuleProtocol::Any, {"0.0.0.0/0"}, {"0.0.0.0/0"}, {kAllPorts})});
  ASSERT_THAT(runs, SizeIs(3)) << "nothing comes behind a rule that matches everything";
  EXPECT_THAT(runs[0].boxes, SizeIs(2));
  EXPECT_EQ(runs[2].shape, emu::Shape{});
  EXPECT_EQ(runs[2].rule, 3U);
}

TEST(RuleRuns, BoxesOfARunDoNotOverlap) {
  const auto runs = emu::rule_runs({rule(100, RuleAccess::Allow, RuleProtocol::Tcp, {"0.0.0.0/0"}, {"0.0.0.0/0"}, {{80, 90}}),
                                    rule(110, RuleAccess::Allow, RuleProtocol::Tcp, {"0.0.0.0/0"}, {"0.0.0.0/0"}, {{85, 85}}),
                                    rule(120, RuleAccess::Allow, RuleProtocol::Tcp, {"0.0.0.0/0"}, {"0.0.0.0/0"}, {{85, 95}})});
  ASSERT_THAT(runs, SizeIs(2)) << "what is held by another box is left out, what overlaps one begins a run";
  EXPECT_THAT(runs[0].boxes, SizeIs(1));
  EXPECT_THAT(runs[1].boxes, SizeIs(1));
}

// ASG-2
TEST(RuleRuns, ARuleWithoutAddressesMatchesNothing) {
  EXPECT_THAT(emu::rule_runs({rule(100, RuleAccess::Allow, RuleProtocol::Any, {}, {"0.0.0.0/0"}, {kAllPorts})}), IsEmpty());
}

// NSG-6: ports belong to TCP and UDP
TEST(RuleRuns, PortsOfAnyProtocolAreThoseOfTcpAndUdp) {
  const auto runs = emu::rule_runs({rule(100, RuleAccess::Allow, RuleProtocol::Any, {"0.0.0.0/0"}, {"0.0.0.0/0"}, {{80, 80}})});
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_THAT(runs[0].boxes, SizeIs(2));
}

// NSG-6: ranges that are all ports together ask for none, so the rule is for packets without ports as well.
TEST(RuleRuns, NeighbouringRangesOfPortsAreOne) {
  const auto of_ports = [](std::vector<PortRange> ports) {
    return emu::rule_runs({rule(100, RuleAccess::Allow, RuleProtocol::Any, {"0.0.0.0/0"}, {"0.0.0.0/0"}, std::move(ports))});
  };
  const Packet ping{RuleProtocol::Icmp, sample::address("10.0.0.4"), 0, sample::address("10.0.0.5"), 0};
  EXPECT_TRUE(look_up(of_ports({{1024, 65535}, {0, 1023}}), ping));
  EXPECT_FALSE(look_up(of_ports({{1025, 65535}, {0, 1023}}), ping)) << "1024 is not in it";
}

TEST(RuleRuns, ALargeProductLooksUpEachField) {
  std::vector<PortRange> ports;
  std::vector<std::string> texts;
  for (std::uint16_t i = 0; i < 20; ++i) {
    ports.push_back({static_cast<std::uint16_t>(1000 + 2 * i), static_cast<std::uint16_t>(1000 + 2 * i)});
    texts.push_back("10." + std::to_string(2 * i) + ".0.0/16");
  }
  const std::vector<std::string_view> prefixes(texts.begin(), texts.end());
  const auto runs = emu::rule_runs({rule(100, RuleAccess::Allow, RuleProtocol::Tcp, prefixes, {"0.0.0.0/0"}, ports)});
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_TRUE(runs[0].is_wide);
  EXPECT_EQ(look_up(runs, {RuleProtocol::Tcp, sample::address("10.4.0.1"), 1, sample::address("10.0.0.4"), 1004}), 0U);
  EXPECT_EQ(look_up(runs, {RuleProtocol::Tcp, sample::address("10.4.0.1"), 1, sample::address("10.0.0.4"), 1005}), std::nullopt);
}

// NSG-1: whatever the rules, the kernel's sets say what the list says.
TEST(RuleRuns, HaveTheFirstMatchOfTheList) {
  std::mt19937 random(20240607);
  const auto pick = [&](std::size_t n) { return random() % n; };
  const std::array<std::string_view, 6> prefixes{"0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16", "10.0.0.4/32", "10.0.0.0/30", "10.1.0.0/16"};
  const std::array<PortRange, 6> ports{kAllPorts,          PortRange{80, 80}, PortRange{80, 90},
                                       PortRange{85, 100}, PortRange{0, 84},  PortRange{443, 443}};
  const std::array protocols{RuleProtocol::Any, RuleProtocol::Tcp, RuleProtocol::Udp, RuleProtocol::Icmp};
  const std::array addresses{"10.0.0.4", "10.0.0.1", "10.0.9.9", "10.1.0.4", "10.9.0.1", "8.8.8.8"};
  const std::array<std::uint16_t, 8> seen_ports{0, 79, 80, 84, 85, 95, 443, 65535};
  for (int round = 0; round < 300; ++round) {
    std::vector<EffectiveSecurityRule> rules;
    for (std::size_t i = 0, n = 1 + pick(12); i < n; ++i) {
      const auto protocol = protocols[pick(protocols.size())];
      rules.push_back(rule(static_cast<std::uint16_t>(100 + i), pick(2) == 0 ? RuleAccess::Allow : RuleAccess::Deny, protocol,
                           {prefixes[pick(prefixes.size())], prefixes[pick(prefixes.size())]}, {prefixes[pick(prefixes.size())]},
                           {protocol == RuleProtocol::Icmp ? kAllPorts : ports[pick(ports.size())]}));
      if (protocol != RuleProtocol::Icmp) rules.back().source.port_ranges = {ports[pick(ports.size())], ports[pick(ports.size())]};
    }
    const auto runs = emu::rule_runs(rules);
    for (const auto& run : runs)
      for (std::size_t i = 0; i < run.boxes.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) ASSERT_FALSE(overlap(run.boxes[i].box, run.boxes[j].box)) << "round " << round;
    for (int probe = 0; probe < 100; ++probe) {
      const Packet packet{protocols[1 + pick(3)], sample::address(addresses[pick(addresses.size())]), seen_ports[pick(seen_ports.size())],
                          sample::address(addresses[pick(addresses.size())]), seen_ports[pick(seen_ports.size())]};
      const auto* expected = evaluate(rules, emu::RuleDirection::Inbound, packet);
      const auto found = look_up(runs, packet);
      ASSERT_EQ(found ? &rules[*found] : nullptr, expected) << "round " << round;
    }
  }
}
