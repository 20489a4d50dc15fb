// SPDX-License-Identifier: Apache-2.0
#include "emu/report/security_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emu/model/resource_id.hpp"
#include "emu/report/cell_text.hpp"
#include "emu/report/table.hpp"
#include "emu/report/terminal.hpp"

namespace emu {
namespace {

using Json = nlohmann::ordered_json;

std::string ports_text(const EffectiveRuleSide& side) {
  std::vector<std::string> out;
  for (const auto& range : side.port_ranges) out.push_back(to_string(range));
  return fmt::format("{}", fmt::join(out, ","));
}

std::string addresses_text(const EffectiveRuleSide& side) {
  const auto& written = side.application_security_groups.empty() ? side.address_prefixes : side.application_security_groups;
  return fmt::format("{}", fmt::join(written, ","));
}

/// Azure writes every port as a range.
std::string range_text(const PortRange& range) { return fmt::format("{}-{}", range.first, range.last); }

std::string_view protocol_text(RuleProtocol protocol) { return protocol == RuleProtocol::Any ? "All" : to_string(protocol); }

/// One value as it is and several as a list, as Azure does it.
template <typename Value, typename Text>
void add_values(Json& row, const std::string& singular, const std::string& plural, const std::vector<Value>& values, Text text) {
  if (values.size() == 1) row[singular] = text(values.front());
  row[plural] = Json::array();
  for (const auto& value : values) row[plural].push_back(text(value));
}

Json expanded(const EffectiveRuleSide& side) {
  const bool says_so_itself = side.application_security_groups.empty() && std::ranges::all_of(side.address_prefixes, [](const auto& text) {
                                return text == "*" || Ipv4Prefix::parse(text) || Ipv4Address::parse(text);
                              });
  auto out = Json::array();
  if (!says_so_itself)
    for (const auto& prefix : side.addresses) out.push_back(to_string(prefix));
  return out;
}

Json json_of(const EffectiveSecurityRule& rule) {
  const auto as_written = [](const std::string& text) { return text == "*" ? "0.0.0.0/0" : text; };  // as Azure writes any address
  Json row;
  row["name"] = rule.name;
  row["protocol"] = protocol_text(rule.protocol);
  add_values(row, "sourcePortRange", "sourcePortRanges", rule.source.port_ranges, range_text);
  add_values(row, "destinationPortRange", "destinationPortRanges", rule.destination.port_ranges, range_text);
  add_values(row, "sourceAddressPrefix", "sourceAddressPrefixes", rule.source.address_prefixes, as_written);
  add_values(row, "destinationAddressPrefix", "destinationAddressPrefixes", rule.destination.address_prefixes, as_written);
  row["expandedSourceAddressPrefix"] = expanded(rule.source);
  row["expandedDestinationAddressPrefix"] = expanded(rule.destination);
  row["access"] = to_string(rule.access);
  row["priority"] = rule.priority;
  row["direction"] = to_string(rule.direction);
  return row;
}

RuleCount count_of(const RuleCounts& counts, const EffectiveSecurityGroup& group, const EffectiveSecurityRule& rule) {
  const auto found = counts.find({group.network_security_group, rule.name});
  return found == counts.end() ? RuleCount{} : found->second;
}

std::string rule_of(const Verdict& verdict) { return verdict.rule == nullptr ? std::string{} : verdict.rule->name; }

}  // namespace

std::string rules_table(const VirtualMachine& machine, const std::vector<EffectiveSecurityGroup>& groups,
                        const std::optional<RuleCounts>& counts) {
  if (groups.empty())
    return fmt::format("no network security group, neither on {} nor on its subnet {}\n", machine.name, text(machine.subnet));
  std::string out;
  if (counts)
    out = wrapped(fmt::format("packets that opened a flow or were denied, counted over every machine with these groups in {} since its "
                              "rules were last loaded",
                              machine.subnet.virtual_network),
                  0, 0) +
          '\n';
  for (const auto& group : groups) {
    out += fmt::format("{}{} on {} {}\n", out.empty() ? "" : "\n", group.network_security_group,
                       group.of_subnet ? "subnet" : "interface of", group.of_subnet ? text(machine.subnet) : machine.name);
    Table table;
    std::vector<std::string> heads{"DIRECTION", "PRIORITY", "NAME", "ACCESS", "PROTOCOL", "SOURCE", "PORT", "DESTINATION", "PORT"};
    if (counts) heads.insert(heads.end(), {"PACKETS", "BYTES"});
    table.add(std::move(heads));
    for (const auto& rule : group.rules) {
      std::vector<std::string> row{std::string(to_string(rule.direction)),
                                   std::to_string(rule.priority),
                                   rule.name.substr(rule.name.find('/') + 1),
                                   std::string(to_string(rule.access)),
                                   std::string(protocol_text(rule.protocol)),
                                   addresses_text(rule.source),
                                   ports_text(rule.source),
                                   addresses_text(rule.destination),
                                   ports_text(rule.destination)};
      if (counts) {
        const auto [packets, bytes] = count_of(*counts, group, rule);
        row.insert(row.end(), {std::to_string(packets), std::to_string(bytes)});
      }
      table.add(std::move(row));
    }
    out += table.text();
  }
  return out;
}

std::string rules_json(const Model& model, const VirtualMachine& machine, const std::vector<EffectiveSecurityGroup>& groups,
                       const std::optional<RuleCounts>& counts) {
  auto value = Json::array();
  for (const auto& group : groups) {
    Json entry;
    entry["networkSecurityGroup"]["id"] = resource_id(model, "networkSecurityGroups", group.network_security_group);
    if (group.of_subnet)
      entry["association"]["subnet"]["id"] = subnet_id(model, machine.subnet);
    else
      entry["association"]["networkInterface"]["id"] = resource_id(model, "networkInterfaces", machine.name);
    entry["effectiveSecurityRules"] = Json::array();
    for (const auto& rule : group.rules) {
      auto row = json_of(rule);
      if (counts) {
        const auto [packets, bytes] = count_of(*counts, group, rule);
        row["packets"] = packets;
        row["bytes"] = bytes;
      }
      entry["effectiveSecurityRules"].push_back(std::move(row));
    }
    entry["tagMap"] = Json::object();
    value.push_back(std::move(entry));
  }
  return Json{{"value", std::move(value)}}.dump(2) + '\n';
}

std::string ip_flow_text(const Packet& packet, RuleDirection direction, const Verdict& verdict) {
  Table table;
  table.add({"packet", fmt::format("{} {} {}:{} -> {}:{}", to_string(direction), to_string(packet.protocol), to_string(packet.source),
                                   packet.source_port, to_string(packet.destination), packet.destination_port)});
  table.add({"access", std::string(to_string(verdict.access))});
  table.add({"rule", verdict.rule == nullptr ? "no network security group" : rule_of(verdict)});
  if (verdict.rule != nullptr) table.add({"group", verdict.network_security_group});
  return table.text();
}

std::string ip_flow_json(const Verdict& verdict) {
  Json answer;
  answer["access"] = to_string(verdict.access);
  answer["ruleName"] = rule_of(verdict);
  return answer.dump(2) + '\n';
}

}  // namespace emu
