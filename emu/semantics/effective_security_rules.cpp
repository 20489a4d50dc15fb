// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/effective_security_rules.hpp"

#include <algorithm>
#include <array>

#include "emu/semantics/default_security_rules.hpp"

namespace emu {
namespace {

EffectiveRuleSide effective(const Model& model, const RuleSide& side, const SecurityTags& tags) {
  EffectiveRuleSide out{side.port_ranges, side.address_prefixes, side.application_security_groups, {}};
  for (const auto& text : side.address_prefixes) {
    const auto expanded = expand(text, tags).value_or(std::vector<Ipv4Prefix>{});
    out.addresses.insert(out.addresses.end(), expanded.begin(), expanded.end());
  }
  if (side.application_security_groups.empty()) return out;
  for (const auto& machine : model.virtual_machines) {
    const bool is_member = std::ranges::any_of(machine.application_security_groups, [&](const auto& joined) {
      return std::ranges::any_of(side.application_security_groups, [&](const auto& group) { return same_name(group, joined); });
    });
    if (is_member && machine.private_ip_address) out.addresses.push_back({*machine.private_ip_address, 32});
  }
  return out;
}

bool has_ports(RuleProtocol protocol) { return protocol == RuleProtocol::Tcp || protocol == RuleProtocol::Udp; }

/// NSG-6: a packet without ports matches a rule that asks for none.
bool matches(const EffectiveRuleSide& side, Ipv4Address address, std::uint16_t port, bool packet_has_ports) {
  const auto holds_port = [&](const PortRange& range) { return packet_has_ports ? range.contains(port) : range.is_all(); };
  return std::ranges::any_of(side.addresses, [&](const Ipv4Prefix& prefix) { return prefix.contains(address); }) &&
         std::ranges::any_of(side.port_ranges, holds_port);
}

bool matches(const EffectiveSecurityRule& rule, const Packet& packet) {
  const bool packet_has_ports = has_ports(packet.protocol);
  return (rule.protocol == RuleProtocol::Any || rule.protocol == packet.protocol) &&
         matches(rule.source, packet.source, packet.source_port, packet_has_ports) &&
         matches(rule.destination, packet.destination, packet.destination_port, packet_has_ports);
}

}  // namespace

std::vector<EffectiveSecurityRule> effective_security_rules(const Model& model, const NetworkSecurityGroup& group, RuleDirection direction,
                                                            const SecurityTags& tags, Arrival arrival) {
  const auto source_tags = tags_of_source(tags, arrival);
  std::vector<EffectiveSecurityRule> out;
  const auto add = [&](const char* collection, const SecurityRule& rule) {
    if (rule.direction != direction) return;
    out.push_back({std::string(collection) + rule.name, rule.protocol, rule.direction, rule.access, rule.priority,
                   effective(model, rule.source, source_tags), effective(model, rule.destination, tags)});
  };
  for (const auto& rule : group.security_rules) add("securityRules/", rule);
  for (const auto& rule : default_security_rules()) add("defaultSecurityRules/", rule);
  std::ranges::stable_sort(out, {}, &EffectiveSecurityRule::priority);
  return out;
}

std::vector<EffectiveSecurityGroup> effective_security_groups(const Model& model, const VirtualMachine& machine, Arrival arrival) {
  const auto& network = *find_virtual_network(model, machine.subnet.virtual_network);
  const auto& subnet = *find_subnet(network, machine.subnet.subnet);
  std::vector<EffectiveSecurityGroup> groups;
  std::optional<SecurityTags> tags;
  const auto add = [&](const std::string& name, bool of_subnet) {
    const auto* group = name.empty() ? nullptr : find_network_security_group(model, name);
    if (group == nullptr) return;
    if (!tags) tags = security_tags(model, network, subnet);
    auto rules = effective_security_rules(model, *group, RuleDirection::Inbound, *tags, arrival);
    auto outbound = effective_security_rules(model, *group, RuleDirection::Outbound, *tags);
    rules.insert(rules.end(), outbound.begin(), outbound.end());
    groups.push_back({group->name, of_subnet, std::move(rules)});
  };
  add(subnet.network_security_group, true);
  add(machine.network_security_group, false);
  return groups;
}

const EffectiveSecurityRule* evaluate(const std::vector<EffectiveSecurityRule>& rules, RuleDirection direction, const Packet& packet) {
  const auto found = std::ranges::find_if(rules, [&](const auto& rule) { return rule.direction == direction && matches(rule, packet); });
  return found == rules.end() ? nullptr : &*found;
}

Verdict evaluate(const std::vector<EffectiveSecurityGroup>& groups, RuleDirection direction, const Packet& packet) {
  Verdict verdict;
  const auto judge = [&](const EffectiveSecurityGroup& group) {
    if (verdict.access == RuleAccess::Deny) return;
    verdict.rule = evaluate(group.rules, direction, packet);
    verdict.network_security_group = group.network_security_group;
    verdict.access = verdict.rule == nullptr ? RuleAccess::Deny : verdict.rule->access;
  };
  if (direction == RuleDirection::Inbound)
    std::ranges::for_each(groups, judge);
  else
    std::for_each(groups.rbegin(), groups.rend(), judge);
  return verdict;
}

}  // namespace emu
