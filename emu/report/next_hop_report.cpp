// SPDX-License-Identifier: Apache-2.0
#include "emu/report/next_hop_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "emu/model/resource_id.hpp"
#include "emu/report/table.hpp"
#include "emu/report/terminal.hpp"
#include "emu/semantics/route_precedence.hpp"

namespace emu {
namespace {

constexpr std::string_view kSystemRoute = "System Route";

/// NW-1 writes the type of a peering's route another way than the list of effective routes does.
std::string type_of(const EffectiveRoute* route) {
  if (route == nullptr) return std::string(to_string(NextHopType::None));
  return route->next_hop_type == NextHopType::VNetPeering ? "VnetPeering" : std::string(to_string(route->next_hop_type));
}

std::string address_of(const EffectiveRoute* route) {
  return route == nullptr || route->next_hop_ip_address.empty() ? "" : to_string(route->next_hop_ip_address.front());
}

bool is_users(const EffectiveRoute* route) { return route != nullptr && route->source == RouteSource::User; }

}  // namespace

std::string next_hop_text(const EffectiveRoute* route, std::string_view peering) {
  Table table;
  table.add({"next hop type", type_of(route)});
  if (const auto address = address_of(route); !address.empty()) table.add({"next hop", address});
  if (route != nullptr && !route->remote_virtual_network.empty()) table.add({"next hop", route->remote_virtual_network});
  table.add({"route", is_users(route) ? fmt::format("{}/{}", route->route_table, *route->name) : std::string(kSystemRoute)});
  return table.text() + (peering.empty() ? "" : wrapped(peering, 0, 2) + '\n');
}

std::string next_hop_json(const Model& model, const EffectiveRoute* route) {
  nlohmann::ordered_json answer;
  answer["nextHopType"] = type_of(route);
  answer["nextHopIpAddress"] = address_of(route);
  answer["routeTableId"] = is_users(route) ? resource_id(model, "routeTables", route->route_table) : std::string(kSystemRoute);
  return answer.dump(2) + '\n';
}

}  // namespace emu
