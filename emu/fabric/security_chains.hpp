// SPDX-License-Identifier: Apache-2.0
// emu/fabric/security_chains.hpp — the network security groups of a router's machines as chains, sets and maps.
//
// Theory of operation. A packet that opens a flow finds its rules by two lookups: `senders`, by the bridge and the MAC address it
// comes from, and `receivers`, by the address it is delivered to, which for an appliance is not the packet's own destination. Each
// leads to the chain of one pair of groups, the interface's and the subnet's (NSG-8), and that to a chain for each group; rules are
// runs (rule_runs.hpp). So the cost depends neither on the number of machines nor on rules that are somebody else's, and packets
// of a flow that is known never get here (NSG-11, NSG-12).
//
//   forward:  iifname . ether saddr vmap @senders       -> senders/<k>:    jump of the interface, jump of the subnet
//             rt ip nexthop vmap @receivers             -> receivers/<k>:  jump of the subnet, jump of the interface, accept
//
// In a group's chain `return` lets the packet go on and `drop` ends it; where flows are recorded, a chain that logs it first. Every rule
// and element there counts the packets that it decides, under the security rule's name (rule_counters.hpp). A group's
// chain exists once for each meaning that its tags have (subnets differ in their routes), and inbound once more for packets that a peer
// may pass on, found through `receivers_forwarded` (PEER-17).
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "emu/fabric/flow_logs.hpp"
#include "emu/model/model.hpp"
#include "emu/semantics/security_tags.hpp"
#include "netns/state/state.hpp"

namespace emu {

/// The group that a chain is for, or a map of its: `web-nsg` of `inbound/web-nsg/0`, and of `inbound/web-nsg/0/1`.
std::string_view group_of_chain(std::string_view chain);

class SecurityChains {
 public:
  /// @param denials  how packets are dropped
  SecurityChains(const Model& model, const VirtualNetwork& network, const Denials& denials);

  /// Whether any machine of the network has a group, its own or its subnet's.
  bool any() const { return any_; }

  /// Sets, maps and chains, for inside the router's table; the map `receivers_forwarded` when a link lets a peer pass on.
  const std::string& text() const { return text_; }
  /// What grows with rules and machines.
  const netns::Ruleset::Elements& elements() const { return elements_; }

 private:
  using Elements = std::set<std::string>;

  /// What a machine's groups are compiled for.
  struct Groups {
    const NetworkSecurityGroup* interface;
    const NetworkSecurityGroup* subnet;
    std::size_t tags;

    auto operator<=>(const Groups&) const = default;
  };

  std::size_t tags_of(const Subnet& subnet);
  std::string group_chain(const NetworkSecurityGroup& group, RuleDirection direction, std::size_t tags, Arrival arrival);
  std::string sender_chain(const Groups& groups);
  std::string receiver_chain(const Groups& groups, Arrival arrival);
  void declare(std::string_view kind, const std::string& name, const std::string& type, Elements members);

  const Model& model_;
  const VirtualNetwork& network_;
  const Denials& denials_;
  bool any_ = false;
  std::vector<SecurityTags> tags_;
  std::set<std::string> chains_;  ///< that are written already
  std::string sets_text_;
  std::string text_;
  netns::Ruleset::Elements elements_;
};

}  // namespace emu
