// SPDX-License-Identifier: Apache-2.0
#include "emu/flowlog/deciding_rule.hpp"

#include <fmt/format.h>
#include <netinet/in.h>

#include "emu/flowlog/flow_tuple.hpp"

namespace emu {
namespace {

RuleProtocol rule_protocol(std::uint8_t number) {
  switch (number) {
    case IPPROTO_TCP: return RuleProtocol::Tcp;
    case IPPROTO_UDP: return RuleProtocol::Udp;
    case IPPROTO_ICMP: return RuleProtocol::Icmp;
    case IPPROTO_ESP: return RuleProtocol::Esp;
    case IPPROTO_AH: return RuleProtocol::Ah;
    default: return RuleProtocol::Any;  // only rules for every protocol match
  }
}

/// `securityRules/web` is `web`, `defaultSecurityRules/DenyAllInBound` is `DefaultRule_DenyAllInBound`.
std::string logged_name(const EffectiveSecurityRule& rule) {
  const auto slash = rule.name.find('/');
  const auto name = rule.name.substr(slash + 1);
  return rule.name.starts_with("default") ? fmt::format("DefaultRule_{}", name) : name;
}

}  // namespace

Decision DecidingRules::find(const VirtualMachine& machine, RuleDirection direction, const netns::FlowEnds& ends, RuleAccess access) {
  const Packet packet{rule_protocol(ends.protocol), ends.source, ends.source_port, ends.destination, ends.destination_port};
  for (const auto arrival : {Arrival::Usual, Arrival::Forwarded}) {
    const auto verdict = evaluate(groups_of(machine, arrival), direction, packet);
    if (verdict.rule != nullptr && verdict.access == access) return {verdict.network_security_group, logged_name(*verdict.rule)};
    if (verdict.rule == nullptr || direction == RuleDirection::Outbound) break;
  }
  return {{}, std::string(kPlatformRule)};
}

const DecidingRules::Groups& DecidingRules::groups_of(const VirtualMachine& machine, Arrival arrival) {
  const auto [found, is_new] = groups_.try_emplace({machine.subnet.subnet, machine.network_security_group, arrival});
  if (is_new) found->second = effective_security_groups(model_, machine, arrival);
  return found->second;
}

}  // namespace emu
