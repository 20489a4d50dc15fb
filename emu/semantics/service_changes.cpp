// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/service_changes.hpp"

#include "emu/semantics/differences.hpp"

namespace emu {
namespace {

using differences::Differences;
using differences::text;

std::string subnets_of(const NetworkRules& rules) {
  std::string out;
  for (const auto& subnet : rules.virtual_network_subnets) out.append(out.empty() ? "" : ", ").append(text(subnet));
  return out;
}

std::string describe(const Service& service) { return fmt::format("{}, {}, {}", service.type, service.location, text(service.address)); }

std::optional<Change> change_of(const differences::Pair<Service>& pair, std::string_view what) {
  const auto name = fmt::format("{} {}", what, name_of(pair));
  if (auto change = differences::come_or_gone(pair, name, [](const auto& resource) { return describe(resource); })) return change;
  const auto& was = *pair.before;
  const auto& is = *pair.after;
  Differences out;
  out.compare("type", was.type, is.type);
  out.compare("location", was.location, is.location);
  out.compare("address", was.address, is.address);
  out.compare("default action", std::string(to_string(was.network_rules.default_action)),
              std::string(to_string(is.network_rules.default_action)));
  out.compare("virtual network subnets", subnets_of(was.network_rules), subnets_of(is.network_rules));
  out.compare("ip rules", was.network_rules.ip_rules, is.network_rules.ip_rules);
  out.compare("bypass", was.network_rules.bypass, is.network_rules.bypass);
  out.compare("ignore missing vnet service endpoint", was.network_rules.ignore_missing_vnet_service_endpoint,
              is.network_rules.ignore_missing_vnet_service_endpoint);
  out.compare("command", was.command, is.command);
  return out.as_change(name);
}

}  // namespace

std::vector<Change> service_changes(const Model& before, const Model& after) {
  std::vector<Change> out;
  for (const auto& pair : differences::pairs_by_name(before.storage_accounts, after.storage_accounts))
    if (auto change = change_of(pair, "storage account")) out.push_back(*std::move(change));
  for (const auto& pair : differences::pairs_by_name(before.services, after.services))
    if (auto change = change_of(pair, "service")) out.push_back(*std::move(change));
  return out;
}

}  // namespace emu
