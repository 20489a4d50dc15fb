// SPDX-License-Identifier: Apache-2.0
// emu/flowlog/deciding_rule.hpp — which rule of which group let a flow pass at an interface, or denied it (FLOW-3).
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "emu/model/model.hpp"
#include "emu/semantics/effective_security_rules.hpp"
#include "netns/flows/flow.hpp"

namespace emu {

struct Decision {
  std::string network_security_group;  ///< empty when no rule of a group decided
  std::string rule;                    ///< as a flow log spells it

  bool operator==(const Decision&) const = default;
};

/// Asks the rules that `fabric` compiles for the kernel, by the same functions.
///
/// The kernel has judged already. Inbound, what its rules made of the source depends on the way that the packet came (Arrival), which
/// nobody tells: so the first arrival counts that agrees with the kernel. When none does, the platform decided: there is no group, or
/// what dropped the packet is no rule (PIP-6, PEER-16).
class DecidingRules {
 public:
  /// @param model  resolved; must outlive this
  explicit DecidingRules(const Model& model) : model_(model) {}

  Decision find(const VirtualMachine& machine, RuleDirection direction, const netns::FlowEnds& ends, RuleAccess access);

 private:
  using Groups = std::vector<EffectiveSecurityGroup>;
  /// Subnet, group of the interface, arrival: machines that have these in common obey the same rules.
  using Key = std::tuple<std::string, std::string, Arrival>;

  const Groups& groups_of(const VirtualMachine& machine, Arrival arrival);

  const Model& model_;
  std::map<Key, Groups> groups_;
};

}  // namespace emu
