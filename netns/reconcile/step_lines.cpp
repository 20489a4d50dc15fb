// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "netns/netlink/requests.hpp"
#include "netns/reconcile/reconcile.hpp"

namespace netns {
namespace {

std::string link_line(const LinkChange& change) {
  const bool comes_up = change.is_new || change.bring_up;
  auto reasons = change.reasons;
  if (change.set_address) reasons.insert(reasons.begin(), "its MAC address is another");
  if (change.is_new || reasons.empty()) return fmt::format("{} link {}", comes_up ? "bring up" : "set", change.link);
  return fmt::format("{} link {}: {}", comes_up ? "bring up" : "set", change.link, fmt::join(reasons, ", "));
}

template <typename List>
void add_lines(std::vector<std::string>& lines, const std::string& place, const char* verb, const List& list) {
  for (const auto& item : list) lines.push_back(fmt::format("{}: {} {}", place, verb, describe(item)));
}

void add_change(const std::string& place, const NamespaceChange& change, std::vector<std::string>& lines) {
  const auto line = [&](const std::string& step) { lines.push_back(fmt::format("{}: {}", place, step)); };
  if (change.create) line("create namespace");
  for (const auto& process : change.stop_processes) line(fmt::format("stop process {}", process));
  for (const auto& link : change.delete_links) line(fmt::format("delete link {}", link));
  for (const auto& link : change.add_links) line(fmt::format("add link {}", link));
  if (change.set_ruleset) line("load ruleset");
  if (!change.create)
    for (const auto& [path, value] : change.sysctls) line(fmt::format("set net/{} to {}", path, value));
  add_lines(lines, place, "delete rule", change.delete_rules);
  for (const auto& rule : change.delete_foreign_rules) line("delete rule " + rule.text);
  for (const auto& [link, address] : change.delete_addresses) line(fmt::format("delete address {} from {}", describe(address), link));
  for (const auto& [link, address] : change.add_addresses)
    if (link != "lo" || !change.create) line(fmt::format("add address {} to {}", describe(address), link));
  for (const auto& [link, address] : change.return_addresses) line(fmt::format("give address {} back to {}", describe(address), link));
  for (const auto& link : change.set_links)
    if (link.link != "lo" || !change.create) line(link_line(link));
  add_lines(lines, place, "delete neighbour", change.delete_neighbours);
  add_lines(lines, place, "add neighbour", change.add_neighbours);
  add_lines(lines, place, "delete bridge entry", change.delete_bridge_entries);
  add_lines(lines, place, "add bridge entry", change.add_bridge_entries);
  add_lines(lines, place, "delete route", change.delete_routes);
  for (const auto& route : change.delete_foreign_routes) line("delete route " + route.text);
  for (const auto& route : change.add_kernel_routes) line(fmt::format("add route {}", describe(route.route)));
  add_lines(lines, place, "add route", change.add_routes);
  add_lines(lines, place, "add rule", change.add_kernel_rules);
  add_lines(lines, place, "add rule", change.add_rules);
  for (const auto& process : change.start_processes) line(fmt::format("start process {}", process));
  for (const auto& process : change.reread_processes) line(fmt::format("tell process {} what changed", process));
}

}  // namespace

std::vector<std::string> step_lines(const Plan& plan) {
  std::vector<std::string> lines;
  for (const auto& name : plan.bury) lines.push_back(fmt::format("{}: end what is left in the namespace that had this name", name));
  for (const auto& name : plan.remove) lines.push_back(fmt::format("{}: remove namespace", name));
  for (const auto& [name, change] : plan.change) add_change(name, change, lines);
  return lines;
}

}  // namespace netns
