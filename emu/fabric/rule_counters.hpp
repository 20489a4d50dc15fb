// SPDX-License-Identifier: Apache-2.0
// emu/fabric/rule_counters.hpp — from the counters of a router's ruleset to the security rules that they belong to.
//
// A rule's chain exists several times, once for each meaning of its tags and for each way that packets arrive (security_chains.hpp), and
// a rule may be many elements of a map. Each of them carries the rule's name as its comment, and the group's is in the chain's.
#pragma once

#include <string_view>
#include <vector>

#include "emu/model/rule_counts.hpp"
#include "netns/netlink/counters.hpp"

namespace emu {

/// The router's table that `netns::read_counters` is to be asked about.
inline constexpr std::string_view kRouterTable = "router";

/// What each rule decided in a virtual network, for all machines that have its group. Pure.
RuleCounts rule_counts(const std::vector<netns::RulesetCounter>& counters);

}  // namespace emu
