// SPDX-License-Identifier: Apache-2.0
// netns/netlink/counters.hpp — what the counters of a ruleset have counted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace netns {

/// The counter of a rule, or of an element of a set or map, that carries a comment: the comment is how it is known again.
struct RulesetCounter {
  std::string holder;  ///< the chain of the rule; the set or map of the element
  std::string comment;
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;  ///< from the IP header on

  bool operator==(const RulesetCounter&) const = default;
};

/// The counters of table `inet <table>` in namespace `name_space`, in no order, those without a comment left out; none when there is no
/// such table. The calling thread visits the namespace.
/// @throws KernelError
std::vector<RulesetCounter> read_counters(std::string_view name_space, const std::string& table);

}  // namespace netns
