// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/security_chains.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

#include "emu/fabric/appliances.hpp"
#include "emu/fabric/names.hpp"
#include "emu/fabric/router.hpp"
#include "emu/fabric/rule_runs.hpp"
#include "emu/semantics/effective_security_rules.hpp"

namespace emu {
namespace {

constexpr std::string_view kTable = "inet router";

struct FieldWords {
  std::string_view expression;
  std::string_view type;
  bool is_address;
};

constexpr std::array<FieldWords, kRuleFields> kWords{{{"meta l4proto", "inet_proto", false},
                                                      {"ip saddr", "ipv4_addr", true},
                                                      {"th sport", "inet_service", false},
                                                      {"ip daddr", "ipv4_addr", true},
                                                      {"th dport", "inet_service", false}}};

std::string text_of(std::uint32_t value, bool is_address) { return is_address ? to_string(Ipv4Address{value}) : std::to_string(value); }

std::string text_of(const FieldRange& range, bool is_address) {
  const auto first = text_of(range.first, is_address);
  return range.first == range.last ? first : fmt::format("{}-{}", first, text_of(range.last, is_address));
}

template <typename Word>
std::string joined_fields(const Shape& shape, Word word) {
  std::string out;
  for (std::size_t i = 0; i < kRuleFields; ++i)
    if (shape[i]) out += fmt::format("{}{}", out.empty() ? "" : " . ", word(i));
  return out;
}

std::string_view map_of(Arrival arrival) { return arrival == Arrival::Forwarded ? "receivers_forwarded" : "receivers"; }

}  // namespace

std::string_view group_of_chain(std::string_view chain) {
  const auto group = chain.substr(std::min(chain.find('/'), chain.size() - 1) + 1);
  return group.substr(0, group.find('/'));
}

SecurityChains::SecurityChains(const Model& model, const VirtualNetwork& network, const Denials& denials)
    : model_(model), network_(network), denials_(denials) {
  Elements senders;
  std::map<Arrival, Elements> receivers{{Arrival::Usual, {}}};
  for (const auto& link : network.peerings) {
    if (link.peering_state == PeeringState::Connected && link.allow_forwarded_traffic) receivers.try_emplace(Arrival::Forwarded);
  }
  for (const auto& machine : model.virtual_machines) {
    if (!same_name(machine.subnet.virtual_network, network.name)) continue;
    const auto& subnet = *find_subnet(network, machine.subnet.subnet);
    if (machine.network_security_group.empty() && subnet.network_security_group.empty()) continue;
    any_ = true;
    const Groups groups{find_network_security_group(model, machine.network_security_group),
                        find_network_security_group(model, subnet.network_security_group), tags_of(subnet)};
    const auto address = *machine.private_ip_address;
    senders.insert(
        fmt::format("\"{}\" . {} : jump {}", bridge_of(model, machine), to_string(mac_address(subnet, address)), sender_chain(groups)));
    for (auto& [arrival, elements] : receivers)
      elements.insert(fmt::format("{} : goto {}", to_string(address), receiver_chain(groups, arrival)));
  }
  if (!any_) return;
  const auto declare_map = [&](std::string_view name, std::string_view key, Elements members) {
    sets_text_ += fmt::format(" map {} {{ type {} : verdict\n }}\n", name, key);
    elements_.emplace(fmt::format("{} {}", kTable, name), std::move(members));
  };
  declare_map("senders", "ifname . ether_addr", std::move(senders));
  for (auto& [arrival, elements] : receivers) declare_map(map_of(arrival), "ipv4_addr", std::move(elements));
  text_.insert(0, sets_text_);
}

std::size_t SecurityChains::tags_of(const Subnet& subnet) {
  auto tags = security_tags(model_, network_, subnet);
  const auto known = std::ranges::find(tags_, tags);
  if (known != tags_.end()) return static_cast<std::size_t>(known - tags_.begin());
  tags_.push_back(std::move(tags));
  return tags_.size() - 1;
}

void SecurityChains::declare(std::string_view kind, const std::string& name, const std::string& type, Elements members) {
  sets_text_ += fmt::format(" {} {} {{ type {}\n  flags interval\n{} }}\n", kind, name, type, kind == "map" ? "  counter\n" : "");
  elements_.emplace(fmt::format("{} {}", kTable, name), std::move(members));
}

std::string SecurityChains::group_chain(const NetworkSecurityGroup& group, RuleDirection direction, std::size_t tags, Arrival arrival) {
  const auto prefix = direction == RuleDirection::Outbound ? "outbound" : arrival == Arrival::Forwarded ? "forwarded_inbound" : "inbound";
  auto name = fmt::format("{}/{}/{}", prefix, group.name, tags);
  if (!chains_.insert(name).second) return name;
  const std::string_view denied = direction == RuleDirection::Outbound ? denials_.outbound : denials_.inbound;
  const auto rules = effective_security_rules(model_, group, direction, tags_[tags], arrival);
  const auto verdict_of = [&](std::size_t rule) { return rules[rule].access == RuleAccess::Allow ? std::string_view("return") : denied; };
  std::string text;
  std::size_t sets = 0;
  const auto set_name = [&] { return fmt::format("{}/{}", name, sets++); };
  for (const auto& run : rule_runs(rules)) {
    if (run.is_wide) {
      std::string match;
      for (std::size_t i = 0; i < kRuleFields; ++i) {
        if (!run.shape[i]) continue;
        Elements members;
        for (const auto& range : run.wide[i]) members.insert(text_of(range, kWords[i].is_address));
        const auto set = set_name();
        declare("set", set, std::string(kWords[i].type), std::move(members));
        match += fmt::format("{} @{} ", kWords[i].expression, set);
      }
      text += fmt::format("  {}counter {} comment \"{}\"\n", match, verdict_of(run.rule), rules[run.rule].name);
    } else if (run.boxes.empty()) {
      text += fmt::format("  counter {} comment \"{}\"\n", verdict_of(run.rule), rules[run.rule].name);
    } else {
      Elements members;
      for (const auto& judged : run.boxes) {
        const auto& box = judged.box;
        const auto key = joined_fields(run.shape, [&](std::size_t i) { return text_of(box[i], kWords[i].is_address); });
        members.insert(fmt::format("{} comment \"{}\" : {}", key, rules[judged.rule].name, verdict_of(judged.rule)));
      }
      const auto map = set_name();
      declare("map", map, joined_fields(run.shape, [](std::size_t i) { return kWords[i].type; }) + " : verdict", std::move(members));
      text += fmt::format("  {} vmap @{}\n", joined_fields(run.shape, [](std::size_t i) { return kWords[i].expression; }), map);
    }
  }
  text_ += fmt::format(" chain {} {{\n{} }}\n", name, text);
  return name;
}

std::string SecurityChains::sender_chain(const Groups& groups) {
  std::string rules;
  std::vector<std::string> names{"senders"};
  for (const auto* group : {groups.interface, groups.subnet}) {
    names.push_back(group == nullptr ? "" : group->name);
    if (group != nullptr) rules += fmt::format("  jump {}\n", group_chain(*group, RuleDirection::Outbound, groups.tags, Arrival::Usual));
  }
  auto name = fmt::format("{}/{}", fmt::join(names, "/"), groups.tags);
  // What goes to a peer is judged there; here the groups had the last word (PEER-16).
  const auto to_peers = fmt::format("  oifname \"{}*\" accept\n  oifname \"{}*\" accept\n", kPeeringLinkPrefix, kTransitStartPrefix);
  if (chains_.insert(name).second) text_ += fmt::format(" chain {} {{\n{}{} }}\n", name, rules, to_peers);
  return name;
}

std::string SecurityChains::receiver_chain(const Groups& groups, Arrival arrival) {
  std::string rules;
  std::vector<std::string> names{std::string(map_of(arrival))};
  for (const auto* group : {groups.subnet, groups.interface}) {
    names.push_back(group == nullptr ? "" : group->name);
    if (group != nullptr) rules += fmt::format("  jump {}\n", group_chain(*group, RuleDirection::Inbound, groups.tags, arrival));
  }
  auto name = fmt::format("{}/{}", fmt::join(names, "/"), groups.tags);
  if (chains_.insert(name).second) text_ += fmt::format(" chain {} {{\n{}  accept\n }}\n", name, rules);
  return name;
}

}  // namespace emu
