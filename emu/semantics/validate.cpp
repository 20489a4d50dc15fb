// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "emu/model/wording.hpp"
#include "emu/semantics/rules.hpp"

namespace emu {

void Findings::error(const std::string& path, std::string message, std::string code, std::string hint) {
  diagnostics_.push_back({Severity::Error, positions_.find(path), std::move(message), std::move(code), std::move(hint)});
}

void Findings::missing(const std::string& path, std::initializer_list<std::string_view> kinds, std::string message, std::string hint) {
  if (std::ranges::any_of(kinds, [&](std::string_view kind) { return positions_.has_lost(kind); })) return;
  error(path, std::move(message), kInvalidReference, std::move(hint));
}

void Findings::warning(const std::string& path, std::string message, std::string code, std::string hint) {
  diagnostics_.push_back({Severity::Warning, positions_.find(path), std::move(message), std::move(code), std::move(hint)});
}

std::string Findings::guess(std::string_view word, std::span<const std::string_view> names) {
  constexpr std::size_t kMostGuesses = 100;
  // Of an id of ARM, the name.
  return ++guesses_ > kMostGuesses ? std::string{} : did_you_mean(word.substr(word.rfind('/') + 1), names);
}

std::string Findings::in_line(const std::string& path) const {
  const auto position = positions_.find(path);
  return position.line == 0 ? std::string{} : fmt::format(" in line {}", position.line);
}

Diagnostics Findings::take() {
  sort_by_position(diagnostics_);
  return std::move(diagnostics_);
}

namespace {

std::vector<SiteHost> hosts_of(const std::vector<OnPremises>& sites) {
  std::vector<SiteHost> hosts;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    for (std::size_t j = 0; j < sites[i].hosts.size(); ++j) hosts.push_back({sites[i].hosts[j].name, i, j});
  }
  return hosts;
}

}  // namespace

Subject::Subject(const Model& the_model, const Model* the_previous)
    : model(the_model),
      previous(the_previous),
      networks(the_model.virtual_networks),
      machines(the_model.virtual_machines),
      hosts(the_model.internet.hosts),
      gateways(the_model.virtual_network_gateways),
      local_gateways(the_model.local_network_gateways),
      sites(the_model.on_premises),
      site_hosts(hosts_of(the_model.on_premises)),
      site_hosts_by_name(site_hosts) {
  subnets.reserve(model.virtual_networks.size());
  for (const auto& network : model.virtual_networks) subnets.emplace_back(network.subnets);
}

std::string network_path(std::size_t network) { return fmt::format("virtual_networks[{}]", network); }
std::string subnet_path(std::size_t network, std::size_t subnet) {
  return fmt::format("virtual_networks[{}].subnets[{}]", network, subnet);
}
std::string peering_path(std::size_t network, std::size_t peering) {
  return fmt::format("virtual_networks[{}].peerings[{}]", network, peering);
}
std::string machine_path(std::size_t machine) { return fmt::format("virtual_machines[{}]", machine); }
std::string host_path(std::size_t host) { return fmt::format("internet.hosts[{}]", host); }
std::string gateway_path(std::size_t gateway) { return fmt::format("virtual_network_gateways[{}]", gateway); }
std::string local_gateway_path(std::size_t local) { return fmt::format("local_network_gateways[{}]", local); }
std::string connection_path(std::size_t connection) { return fmt::format("virtual_network_gateway_connections[{}]", connection); }
std::string site_path(std::size_t site) { return fmt::format("on_premises[{}]", site); }
std::string site_host_path(const SiteHost& place) { return fmt::format("on_premises[{}].hosts[{}]", place.site, place.host); }

std::string storage_account_path(std::size_t account) { return fmt::format("storage_accounts[{}]", account); }
std::string service_path(std::size_t service) { return fmt::format("services[{}]", service); }

std::string list_of(const std::vector<Ipv4Prefix>& prefixes) {
  constexpr std::size_t kMost = 4;
  std::string out;
  for (std::size_t i = 0; i < prefixes.size() && i < kMost; ++i) out += fmt::format("{}{}", i == 0 ? "" : ", ", to_string(prefixes[i]));
  if (prefixes.size() > kMost) out += ", ...";
  return out;
}

Diagnostics validate(const Model& model, const SourceMap& positions, const Model* previous) {
  const Subject subject(model, previous);
  Findings findings(positions);
  check_names(subject, findings);
  check_address_spaces(subject, findings);
  check_machines(subject, findings);
  check_public_addresses(subject, findings);
  check_gateways(subject, findings);
  check_connections(subject, findings);
  check_connection_overlaps(subject, findings);
  check_ipsec_policies(subject, findings);
  check_sites(subject, findings);
  check_peerings(subject, findings);
  check_route_tables(subject, findings);
  check_security_groups(subject, findings);
  check_service_tags(subject, findings);
  check_flow_logs(subject, findings);
  check_service_endpoints(subject, findings);
  check_services(subject, findings);
  check_checks(subject, findings);
  // Where something is wrong, what nothing uses may be what a wrong name means.
  if (!positions.is_faulty() && !findings.has_errors()) check_unused(subject, findings);
  return findings.take();
}

}  // namespace emu
