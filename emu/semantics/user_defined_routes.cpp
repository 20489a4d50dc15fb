// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/user_defined_routes.hpp"

#include <algorithm>

#include "emu/semantics/service_tags.hpp"

namespace emu {
namespace {

const RouteTable* table_of(const Model& model, const Subnet& subnet) {
  return subnet.route_table.empty() ? nullptr : find_route_table(model, subnet.route_table);
}

EffectiveRoute effective(const RouteTable& table, const UserDefinedRoute& route) {
  EffectiveRoute row;
  row.name = route.name;
  row.source = RouteSource::User;
  row.next_hop_type = route.next_hop_type.value_or(NextHopType::None);
  if (route.next_hop_in_ip_address) row.next_hop_ip_address = {*route.next_hop_in_ip_address};
  row.disable_bgp_route_propagation = !table.bgp_route_propagation_enabled;
  row.route_table = table.name;
  if (route.address_prefix) {
    row.address_prefix = {*route.address_prefix};
  } else {
    row.destination_service_tags = {route.service_tag};
    if (const auto tag = find_service_tag(route.service_tag)) row.address_prefix = {tag->prefix};
  }
  return row;
}

int breadth_of(const EffectiveRoute& row) {
  return row.destination_service_tags.empty() ? -1 : breadth(row.destination_service_tags.front());
}

}  // namespace

void add_user_defined_routes(std::vector<EffectiveRoute>& routes, const Model& model, const Subnet& subnet) {
  const auto* table = table_of(model, subnet);
  if (table == nullptr) return;
  std::vector<EffectiveRoute> rows;
  rows.reserve(table->routes.size());
  for (const auto& route : table->routes) rows.push_back(effective(*table, route));
  std::ranges::stable_sort(rows, {}, breadth_of);
  routes.insert(routes.end(), rows.begin(), rows.end());
}

void apply_route_propagation(std::vector<EffectiveRoute>& routes, const Model& model, const Subnet& subnet) {
  const auto* table = table_of(model, subnet);
  if (table == nullptr || table->bgp_route_propagation_enabled) return;
  std::erase_if(routes, [](const EffectiveRoute& row) { return row.source == RouteSource::VirtualNetworkGateway; });
}

}  // namespace emu
