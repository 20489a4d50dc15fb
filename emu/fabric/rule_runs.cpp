// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/rule_runs.hpp"

#include <algorithm>

namespace emu {
namespace {

constexpr std::size_t kLargestProduct = 64;  // boxes of one rule
constexpr std::size_t kLargestRun = 4096;    // boxes, each of which is compared with all others

constexpr std::uint32_t kTcp = 6;
constexpr std::uint32_t kUdp = 17;

using Ranges = std::vector<FieldRange>;
using Fields = std::array<Ranges, kRuleFields>;

constexpr auto at(RuleField field) { return static_cast<std::size_t>(field); }

/// In order, apart, and as few as can be.
Ranges merged(Ranges ranges) {
  std::ranges::sort(ranges);
  Ranges out;
  for (const auto& range : ranges) {
    const bool touches = !out.empty() && (out.back().last == UINT32_MAX || range.first <= out.back().last + 1);
    if (touches)
      out.back().last = std::max(out.back().last, range.last);
    else
      out.push_back(range);
  }
  return out;
}

Ranges ranges_of(const std::vector<Ipv4Prefix>& prefixes) {
  Ranges out;
  for (const auto& prefix : prefixes) out.push_back({prefix.first().value, prefix.last().value});
  return merged(std::move(out));
}

Ranges ranges_of(const std::vector<PortRange>& ports) {
  Ranges out;
  for (const auto& range : ports) out.push_back({range.first, range.last});
  return merged(std::move(out));
}

bool is_all_ports(const Ranges& ranges) { return ranges == Ranges{{0, UINT16_MAX}}; }
bool is_all_addresses(const Ranges& ranges) { return ranges == Ranges{{0, UINT32_MAX}}; }

/// The numbers of RFC 5237. A rule for ports is one for the two protocols that have them (NSG-6).
Ranges protocols_of(RuleProtocol protocol, bool with_ports) {
  switch (protocol) {
    case RuleProtocol::Any: return with_ports ? Ranges{{kTcp, kTcp}, {kUdp, kUdp}} : Ranges{};
    case RuleProtocol::Tcp: return {{kTcp, kTcp}};
    case RuleProtocol::Udp: return {{kUdp, kUdp}};
    case RuleProtocol::Icmp: return {{1, 1}};
    case RuleProtocol::Esp: return {{50, 50}};
    case RuleProtocol::Ah: return {{51, 51}};
  }
  return {};
}

/// A rule's ranges; a field that is not compared has none.
struct Compared {
  Fields fields;
  bool matches_nothing = false;

  explicit Compared(const EffectiveSecurityRule& rule) {
    const auto source_ports = ranges_of(rule.source.port_ranges);
    const auto destination_ports = ranges_of(rule.destination.port_ranges);
    const auto sources = ranges_of(rule.source.addresses);
    const auto destinations = ranges_of(rule.destination.addresses);
    matches_nothing = sources.empty() || destinations.empty() || source_ports.empty() || destination_ports.empty();
    if (!is_all_ports(source_ports)) fields[at(RuleField::SourcePort)] = source_ports;
    if (!is_all_ports(destination_ports)) fields[at(RuleField::DestinationPort)] = destination_ports;
    if (!is_all_addresses(sources)) fields[at(RuleField::Source)] = sources;
    if (!is_all_addresses(destinations)) fields[at(RuleField::Destination)] = destinations;
    const bool with_ports = !fields[at(RuleField::SourcePort)].empty() || !fields[at(RuleField::DestinationPort)].empty();
    fields[at(RuleField::Protocol)] = protocols_of(rule.protocol, with_ports);
  }

  Shape shape() const {
    Shape out{};
    for (std::size_t i = 0; i < kRuleFields; ++i) out[i] = !fields[i].empty();
    return out;
  }

  std::size_t product() const {
    std::size_t out = 1;
    for (const auto& ranges : fields) out = std::min(out * std::max<std::size_t>(ranges.size(), 1), kLargestProduct + 1);
    return out;
  }

  std::vector<Box> products() const {
    std::vector<Box> out(1);
    for (std::size_t i = 0; i < kRuleFields; ++i) {
      if (fields[i].empty()) continue;
      std::vector<Box> longer;
      for (const auto& box : out) {
        for (const auto& range : fields[i]) {
          longer.push_back(box);
          longer.back()[i] = range;
        }
      }
      out = std::move(longer);
    }
    return out;
  }
};

bool contains(const Box& outer, const Box& inner) {
  for (std::size_t i = 0; i < kRuleFields; ++i)
    if (inner[i].first < outer[i].first || inner[i].last > outer[i].last) return false;
  return true;
}

bool overlap(const Box& a, const Box& b) {
  for (std::size_t i = 0; i < kRuleFields; ++i)
    if (a[i].last < b[i].first || b[i].last < a[i].first) return false;
  return true;
}

/// Adds a rule's boxes to a run. False, and nothing is added, when one of them would overlap one that is there.
bool join(RuleRun& run, const std::vector<JudgedBox>& boxes) {
  std::vector<JudgedBox> fresh;
  for (const auto& candidate : boxes) {
    const auto there = std::ranges::find_if(run.boxes, [&](const JudgedBox& other) { return overlap(candidate.box, other.box); });
    if (there == run.boxes.end())
      fresh.push_back(candidate);
    else if (!contains(there->box, candidate.box))
      return false;
  }
  if (run.boxes.size() + fresh.size() > kLargestRun) return false;
  run.boxes.insert(run.boxes.end(), fresh.begin(), fresh.end());
  return true;
}

}  // namespace

std::vector<RuleRun> rule_runs(const std::vector<EffectiveSecurityRule>& rules) {
  std::vector<RuleRun> runs;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Compared compared(rules[i]);
    if (compared.matches_nothing) continue;
    RuleRun run;
    run.rule = i;
    run.shape = compared.shape();
    if (run.shape == Shape{}) {
      runs.push_back(std::move(run));
      break;
    }
    if (compared.product() > kLargestProduct) {
      run.is_wide = true;
      run.wide = compared.fields;
      runs.push_back(std::move(run));
      continue;
    }
    for (const auto& box : compared.products()) run.boxes.push_back({box, i});
    const bool fits = !runs.empty() && !runs.back().is_wide && runs.back().shape == run.shape;
    if (fits && join(runs.back(), run.boxes)) continue;
    runs.push_back(std::move(run));
  }
  return runs;
}

}  // namespace emu
