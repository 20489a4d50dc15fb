// SPDX-License-Identifier: Apache-2.0
// emu/semantics/effective_security_rules.hpp — the security rules that a machine's packets obey (azure-semantics 5).
//
// Theory of operation. A packet meets the group of the interface and that of the subnet, each with its own list; both must let it
// pass (NSG-8). A list is the group's rules and, behind them, the default rules; the first that matches decides (NSG-1). Tags and
// application security groups are replaced by what they stand for on this interface. The same lists are what `lazuli rules` prints,
// what `evaluate` judges by and what `fabric` compiles for the kernel, so what is shown is what filters.
#pragma once

#include <string>
#include <vector>

#include "emu/model/model.hpp"
#include "emu/semantics/security_tags.hpp"

namespace emu {

struct EffectiveRuleSide {
  std::vector<PortRange> port_ranges;
  std::vector<std::string> address_prefixes;             ///< as written
  std::vector<std::string> application_security_groups;  ///< as written
  std::vector<Ipv4Prefix> addresses;                     ///< what they stand for; none: the rule matches nothing (ASG-2)

  bool operator==(const EffectiveRuleSide&) const = default;
};

struct EffectiveSecurityRule {
  std::string name;  ///< `securityRules/allow-http`, `defaultSecurityRules/DenyAllInBound`
  RuleProtocol protocol = RuleProtocol::Any;
  RuleDirection direction = RuleDirection::Inbound;
  RuleAccess access = RuleAccess::Allow;
  std::uint16_t priority = 0;
  EffectiveRuleSide source;
  EffectiveRuleSide destination;

  bool operator==(const EffectiveSecurityRule&) const = default;
};

/// A group where it is attached.
struct EffectiveSecurityGroup {
  std::string network_security_group;
  bool of_subnet = false;  ///< else of the interface
  std::vector<EffectiveSecurityRule> rules;

  bool operator==(const EffectiveSecurityGroup&) const = default;
};

/// What a rule sees of a packet; addresses are those inside the network (PIP-5).
struct Packet {
  RuleProtocol protocol = RuleProtocol::Tcp;
  Ipv4Address source;
  std::uint16_t source_port = 0;
  Ipv4Address destination;
  std::uint16_t destination_port = 0;
};

/// The rules of a group in one direction, in the order of priority, defaults included. Pure.
std::vector<EffectiveSecurityRule> effective_security_rules(const Model& model, const NetworkSecurityGroup& group, RuleDirection direction,
                                                            const SecurityTags& tags, Arrival arrival = Arrival::Usual);

/// The groups that `machine`'s packets meet: of the subnet, then of the interface, each with both directions. The model must be
/// resolved. Pure.
/// @param arrival  how the packets come that the inbound rules are for
std::vector<EffectiveSecurityGroup> effective_security_groups(const Model& model, const VirtualMachine& machine,
                                                              Arrival arrival = Arrival::Usual);

/// The first rule of `direction` that matches; nullptr when none does, which the default rules leave no room for. Pure.
const EffectiveSecurityRule* evaluate(const std::vector<EffectiveSecurityRule>& rules, RuleDirection direction, const Packet& packet);

/// What becomes of a packet at one interface, and who said so.
struct Verdict {
  RuleAccess access = RuleAccess::Allow;
  std::string network_security_group;           ///< empty when there is none
  const EffectiveSecurityRule* rule = nullptr;  ///< nullptr when there is no group; points into what was asked
};

/// NSG-8: inbound the subnet's group first, outbound the interface's; the first that denies ends it, else the last one has the word.
Verdict evaluate(const std::vector<EffectiveSecurityGroup>& groups, RuleDirection direction, const Packet& packet);

}  // namespace emu
