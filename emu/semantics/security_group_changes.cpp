// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/security_group_changes.hpp"

#include "emu/semantics/differences.hpp"

namespace emu {
namespace {

using differences::Differences;

std::string text(const RuleSide& side) {
  const auto& from = side.application_security_groups.empty() ? side.address_prefixes : side.application_security_groups;
  std::vector<std::string> ports;
  for (const auto& range : side.port_ranges) ports.push_back(to_string(range));
  return fmt::format("{}:{}", fmt::join(from, ","), fmt::join(ports, ","));
}

/// `100 Inbound Allow Tcp *:* -> VirtualNetwork:80`
std::string text(const SecurityRule& rule) {
  return fmt::format("{} {} {} {} {} -> {}", rule.priority, to_string(rule.direction), to_string(rule.access), to_string(rule.protocol),
                     text(rule.source), text(rule.destination));
}

std::string describe(const NetworkSecurityGroup& group) {
  const auto rules = group.security_rules.size();
  return fmt::format("{} rule{}", rules, rules == 1 ? "" : "s");
}

std::string describe(const ApplicationSecurityGroup& /*group*/) { return ""; }

std::optional<Change> change_of(const differences::Pair<NetworkSecurityGroup>& pair) {
  const auto name = "network security group " + name_of(pair);
  if (auto change = differences::come_or_gone(pair, name, [](const auto& group) { return describe(group); })) return change;
  Differences out;
  out.compare("location", pair.before->location, pair.after->location);
  out.compare("flush connection", pair.before->flush_connection, pair.after->flush_connection);
  for (const auto& rule : differences::pairs_by_name(pair.before->security_rules, pair.after->security_rules)) {
    const auto was = rule.before == nullptr ? "none" : text(*rule.before);
    const auto is = rule.after == nullptr ? "none" : text(*rule.after);
    out.compare("rule " + name_of(rule), was, is);
  }
  return out.as_change(name);
}

std::optional<Change> change_of(const differences::Pair<ApplicationSecurityGroup>& pair) {
  const auto name = "application security group " + name_of(pair);
  if (auto change = differences::come_or_gone(pair, name, [](const auto& group) { return describe(group); })) return change;
  Differences out;
  out.compare("location", pair.before->location, pair.after->location);
  return out.as_change(name);
}

}  // namespace

std::vector<Change> security_group_changes(const Model& before, const Model& after) {
  std::vector<Change> out;
  const auto add = [&](auto change) {
    if (change) out.push_back(*std::move(change));
  };
  for (const auto& pair : differences::pairs_by_name(before.network_security_groups, after.network_security_groups)) add(change_of(pair));
  for (const auto& pair : differences::pairs_by_name(before.application_security_groups, after.application_security_groups))
    add(change_of(pair));
  return out;
}

}  // namespace emu
