// SPDX-License-Identifier: Apache-2.0
#include "emu/report/routes_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "emu/report/table.hpp"

namespace emu {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
std::vector<std::string> texts(const std::vector<T>& values) {
  std::vector<std::string> out;
  out.reserve(values.size());
  for (const auto& value : values) out.push_back(to_string(value));
  return out;
}

}  // namespace

std::string routes_table(const std::vector<EffectiveRoute>& routes) {
  Table table;
  table.add({"SOURCE", "STATE", "PREFIX", "NEXT HOP TYPE", "NEXT HOP"});
  for (const auto& route : routes) {
    const auto next_hop = route.next_hop_ip_address.empty() ? route.remote_virtual_network
                                                            : fmt::format("{}", fmt::join(texts(route.next_hop_ip_address), ", "));
    const auto name = !route.name                 ? std::string{}
                      : route.route_table.empty() ? *route.name
                                                  : fmt::format("{}/{}", route.route_table, *route.name);
    const auto prefixes = route.address_prefix.empty() ? route.destination_service_tags : texts(route.address_prefix);
    table.add({std::string(to_string(route.source)), std::string(to_string(route.state)), fmt::format("{}", fmt::join(prefixes, ", ")),
               std::string(to_string(route.next_hop_type)), next_hop, name});
  }
  return table.text();
}

std::string routes_json(const std::vector<EffectiveRoute>& routes) {
  auto value = Json::array();
  for (const auto& route : routes) {
    Json row;
    row["name"] = route.name ? Json(*route.name) : Json();
    row["source"] = to_string(route.source);
    row["state"] = to_string(route.state);
    row["addressPrefix"] = texts(route.address_prefix);
    row["nextHopType"] = to_string(route.next_hop_type);
    row["nextHopIpAddress"] = texts(route.next_hop_ip_address);
    row["disableBgpRoutePropagation"] = route.disable_bgp_route_propagation;
    row["hasBgpOverride"] = false;
    row["tagMap"] = Json::object();
    row["destinationServiceTags"] = route.destination_service_tags;
    value.push_back(std::move(row));
  }
  return Json{{"value", std::move(value)}}.dump(2) + '\n';
}

}  // namespace emu
