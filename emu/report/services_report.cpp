// SPDX-License-Identifier: Apache-2.0
#include "emu/report/services_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "emu/model/service_lookup.hpp"
#include "emu/report/cell_text.hpp"
#include "emu/report/table.hpp"

namespace emu {
namespace {

using Json = nlohmann::ordered_json;

std::string text(const Ipv4Prefix& rule) { return rule.length == 32 ? to_string(rule.address) : to_string(rule); }

/// Who may use it: `everybody`, or whom the rules name.
std::string allowed(const NetworkRules& rules) {
  if (rules.default_action == DefaultAction::Allow) return "everybody";
  std::string out;
  for (const auto& subnet : rules.virtual_network_subnets) out.append(out.empty() ? "" : ", ").append(text(subnet));
  for (const auto& rule : rules.ip_rules) out.append(out.empty() ? "" : ", ").append(text(rule));
  return out.empty() ? "nobody" : out;
}

}  // namespace

std::string services_table(const Model& model) {
  const auto services = services_of(model);
  if (services.empty()) return "";
  Table table(kIndent);
  table.add({"SERVICE", "TYPE", "LOCATION", "ADDRESS", "ALLOWS"});
  for (const auto* service : services)
    table.add({service->name, service->type, service->location, text(service->address), allowed(service->network_rules)});
  return table.text();
}

Json services_json(const std::vector<Service>& services) {
  auto out = Json::array();
  for (const auto& service : services) {
    const auto& rules = service.network_rules;
    auto subnets = Json::array();
    for (const auto& subnet : rules.virtual_network_subnets)
      subnets.push_back({{"id", text(subnet)}, {"action", "Allow"}, {"state", "Succeeded"}});
    auto addresses = Json::array();
    for (const auto& rule : rules.ip_rules) addresses.push_back({{"value", text(rule)}, {"action", "Allow"}});
    out.push_back({{"name", service.name},
                   {"type", service.type},
                   {"location", service.location},
                   {"address", text(service.address)},
                   {"endpoint", fmt::format("http://{}/", dns_name(service))},
                   {"networkAcls",
                    {{"defaultAction", to_string(rules.default_action)},
                     {"bypass", rules.bypass.empty() ? "AzureServices" : fmt::format("{}", fmt::join(rules.bypass, ", "))},
                     {"virtualNetworkRules", std::move(subnets)},
                     {"ipRules", std::move(addresses)}}}});
  }
  return out;
}

}  // namespace emu
