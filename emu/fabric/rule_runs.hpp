// SPDX-License-Identifier: Apache-2.0
// emu/fabric/rule_runs.hpp — a list of security rules as few set lookups, with the same first match.
//
// Theory of operation. A rule is one or more boxes: products of a range for each of the five fields that it compares. A verdict map
// of the kernel's finds the box that a packet is in, among a thousand, with one lookup; but it does not know an order, its boxes must
// have the same fields, and they may not overlap. So the list is cut into runs: neighbours in the order of priority that compare the
// same fields, as long as their boxes stay apart. Inside a run the order cannot matter, since a packet is in one box at most; between
// runs it is kept. A box that lies in an earlier one of its run can never decide, and is left out.
//
//     100 Allow tcp dport 80          |
//     110 Deny  tcp dport 443         | one map of protocol . port, one lookup
//     120 Allow tcp dport 8000-8100   |
//     200 Deny  from 10.9.0.0/16      | one map of addresses
//     65500 Deny everything           | no map
//
// A rule whose product would be large is a run of its own that looks up each field in a set of its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "emu/semantics/effective_security_rules.hpp"

namespace emu {

/// Both ends belong to it.
struct FieldRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;

  auto operator<=>(const FieldRange&) const = default;
};

/// The fields of a packet, in the order of a set's key.
enum class RuleField { Protocol, Source, SourcePort, Destination, DestinationPort };
inline constexpr std::size_t kRuleFields = 5;

using Box = std::array<FieldRange, kRuleFields>;
/// Which fields are compared.
using Shape = std::array<bool, kRuleFields>;

/// A box, and the rule that decides what happens to the packets in it: its place in the list.
struct JudgedBox {
  Box box{};
  std::size_t rule = 0;

  bool operator==(const JudgedBox&) const = default;
};

struct RuleRun {
  Shape shape{};                 ///< no field: everything matches
  std::vector<JudgedBox> boxes;  ///< disjoint; empty for a wide run, and where everything matches
  std::size_t rule = 0;          ///< of those two
  /// Of a wide run, for each field that is compared the ranges it may be in; they are disjoint.
  std::array<std::vector<FieldRange>, kRuleFields> wide;
  bool is_wide = false;

  bool operator==(const RuleRun&) const = default;
};

/// @param rules  of one direction, in the order of priority. What follows a rule that matches everything is left out. Pure.
std::vector<RuleRun> rule_runs(const std::vector<EffectiveSecurityRule>& rules);

}  // namespace emu
