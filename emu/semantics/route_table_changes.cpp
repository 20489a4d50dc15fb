// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/route_table_changes.hpp"

#include "emu/semantics/differences.hpp"

namespace emu {
namespace {

using differences::Differences;

std::string text(const UserDefinedRoute& route) {
  auto out = route.address_prefix ? to_string(*route.address_prefix) : route.service_tag;
  if (route.next_hop_type) out.append(" ").append(to_string(*route.next_hop_type));
  if (route.next_hop_in_ip_address) out.append(" ").append(to_string(*route.next_hop_in_ip_address));
  return out;
}

std::string describe(const RouteTable& table) {
  return fmt::format("{} route{}", table.routes.size(), table.routes.size() == 1 ? "" : "s");
}

std::optional<Change> change_of(const differences::Pair<RouteTable>& pair) {
  const auto name = "route table " + name_of(pair);
  if (auto change = differences::come_or_gone(pair, name, [](const auto& resource) { return describe(resource); })) return change;
  Differences out;
  out.compare("location", pair.before->location, pair.after->location);
  out.compare("bgp route propagation", pair.before->bgp_route_propagation_enabled, pair.after->bgp_route_propagation_enabled);
  for (const auto& route : differences::pairs_by_name(pair.before->routes, pair.after->routes)) {
    const auto was = route.before == nullptr ? "none" : text(*route.before);
    const auto is = route.after == nullptr ? "none" : text(*route.after);
    out.compare("route " + name_of(route), was, is);
  }
  return out.as_change(name);
}

}  // namespace

std::vector<Change> route_table_changes(const Model& before, const Model& after) {
  std::vector<Change> out;
  for (const auto& pair : differences::pairs_by_name(before.route_tables, after.route_tables))
    if (auto change = change_of(pair)) out.push_back(*std::move(change));
  return out;
}

}  // namespace emu
