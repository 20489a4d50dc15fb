// SPDX-License-Identifier: Apache-2.0
// emu/model/rule_counts.hpp — what security rules decided: values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace emu {

/// Packets that a rule decided, and their bytes from the IP header on. A packet of a flow that is known meets no rule (NSG-11), so
/// these are the packets that opened a flow, and those that were denied.
struct RuleCount {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;

  bool operator==(const RuleCount&) const = default;
};

/// By network security group and rule, the rule named as in `EffectiveSecurityRule::name`. One that is not there decided nothing.
using RuleCounts = std::map<std::pair<std::string, std::string>, RuleCount>;

}  // namespace emu
