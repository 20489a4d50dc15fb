// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/rule_counters.hpp"

#include "emu/fabric/security_chains.hpp"

namespace emu {

RuleCounts rule_counts(const std::vector<netns::RulesetCounter>& counters) {
  RuleCounts counts;
  for (const auto& counter : counters) {
    auto& count = counts[{std::string(group_of_chain(counter.holder)), counter.comment}];
    count.packets += counter.packets;
    count.bytes += counter.bytes;
  }
  return counts;
}

}  // namespace emu
