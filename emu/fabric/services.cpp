// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/services.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "emu/fabric/names.hpp"
#include "emu/fabric/programs.hpp"
#include "emu/fabric/router.hpp"
#include "emu/model/service_lookup.hpp"
#include "emu/semantics/addresses.hpp"
#include "emu/services/service_configuration.hpp"

namespace emu {
namespace {

/// No service can be named so.
constexpr std::string_view kMockProcess = "mock_service";
constexpr std::string_view kConfigurationFile = "configuration.json";

/// Of packets that come in from `network`, and of the table that leads back: unique, and no number that the kernel uses.
std::uint32_t mark_of(const VirtualNetwork& network) { return 0x10000U | (network.default_outbound_address->value & 0xffffU); }

bool is_mocked(const Service& service) { return service.command.empty(); }

/// `spoke/web`, as the network and the subnet spell it; empty when there is no such subnet.
std::string name_of(const Model& model, const SubnetReference& reference) {
  const auto* network = find_virtual_network(model, reference.virtual_network);
  const auto* subnet = network == nullptr ? nullptr : find_subnet(*network, reference.subnet);
  return subnet == nullptr ? std::string{} : fmt::format("{}/{}", network->name, subnet->name);
}

/// By region the public addresses that packets of its networks leave by (SA-4).
std::map<std::string, std::vector<Ipv4Address>> azure_addresses(const Model& model) {
  std::map<std::string, std::vector<Ipv4Address>> out;
  for (const auto& network : model.virtual_networks) out[network.location].push_back(*network.default_outbound_address);
  for (const auto& machine : model.virtual_machines) {
    if (machine.public_ip_address)
      out[find_virtual_network(model, machine.subnet.virtual_network)->location].push_back(*machine.public_ip_address);
  }
  return out;
}

ServiceLink backbone_link(const Model& model, const VirtualNetwork& network) {
  ServiceLink link{services_to_network_name(network.name), network.name, {}, {}};
  std::set<Ipv4Address> reached;
  for (const auto& subnet : network.subnets) {
    bool any = false;
    for (const auto* service : services_of(model)) {
      if (!has_endpoint_for(network, subnet, *service)) continue;
      any = true;
      if (is_mocked(*service)) reached.insert(*service->address);
    }
    if (any) link.subnets.push_back({subnet.name, subnet.address_prefixes});
  }
  link.services.assign(reached.begin(), reached.end());
  return link;
}

ServiceConfiguration configuration_of(const Model& model) {
  ServiceConfiguration configuration;
  ServiceLink internet{std::string(kEdgeLink), {}, {}, {}};
  for (const auto* service : services_of(model)) {
    if (!is_mocked(*service)) continue;
    internet.services.push_back(*service->address);
    const auto& rules = service->network_rules;
    ServedService served{service->name, service->location, *service->address, rules.default_action == DefaultAction::Deny, {},
                         rules.ip_rules};
    for (const auto& reference : rules.virtual_network_subnets) served.allowed_subnets.push_back(name_of(model, reference));
    configuration.services.push_back(std::move(served));
  }
  configuration.links.push_back(std::move(internet));
  for (const auto& network : model.virtual_networks)
    if (uses_backbone(model, network)) configuration.links.push_back(backbone_link(model, network));
  configuration.azure_addresses = azure_addresses(model);
  return configuration;
}

void add_mock_service(const Model& model, const Places& places, netns::Namespace& services) {
  const auto folder = places.folder / kServicesNode;
  auto surroundings = daemon_surroundings(model, kServicesNode, places);
  services.processes[std::string(kMockProcess)] = {{places.server(), "mock-service", "--configuration", folder / kConfigurationFile},
                                                   std::move(surroundings),
                                                   {folder, {{std::string(kConfigurationFile), to_json(configuration_of(model))}}, true}};
}

/// A lab's own command learns from its environment what it is.
netns::Process process_of(const Model& model, const Service& service, const Places& places) {
  auto process = shell_process(model, kServicesNode, service.command, places);
  process.environment = {{"ADDRESS", to_string(*service.address)}, {"NAME", service.name}};
  return process;
}

/// Marks, and the firewall of services with a command of their own, who know nothing of it: whoever may not pass is reset.
netns::Ruleset services_ruleset(const Model& model) {
  std::set<std::string> links;
  for (const auto& network : model.virtual_networks) {
    if (uses_backbone(model, network))
      links.insert(fmt::format("\"{}\" : {:#x}", services_to_network_name(network.name), mark_of(network)));
  }
  std::set<std::string> guarded;
  std::set<std::string> allowed;
  std::set<std::string> in_region;
  const auto azure = azure_addresses(model);
  for (const auto* service : services_of(model)) {
    if (is_mocked(*service) || service->network_rules.default_action == DefaultAction::Allow) continue;
    const auto address = to_string(*service->address);
    guarded.insert(address);
    for (const auto& reference : service->network_rules.virtual_network_subnets) {
      const auto* network = find_virtual_network(model, reference.virtual_network);
      for (const auto& prefix : find_subnet(model, reference)->address_prefixes)
        allowed.insert(fmt::format("\"{}\" . {} . {}", services_to_network_name(network->name), to_string(prefix), address));
    }
    for (const auto& rule : service->network_rules.ip_rules)
      allowed.insert(fmt::format("\"{}\" . {} . {}", kEdgeLink, rule.length == 32 ? to_string(rule.address) : to_string(rule), address));
    if (const auto here = azure.find(service->location); here != azure.end())
      for (const auto from : here->second) in_region.insert(fmt::format("\"{}\" . {} . {}", kEdgeLink, to_string(from), address));
  }
  constexpr std::string_view kText =
      "table inet services {\n"
      " map links { type ifname : mark\n }\n"
      " set guarded { type ipv4_addr\n }\n"
      " set allowed { type ifname . ipv4_addr . ipv4_addr; flags interval\n }\n"
      " set in_region { type ifname . ipv4_addr . ipv4_addr\n }\n"
      " chain prerouting {\n"
      "  type filter hook prerouting priority -300; policy accept;\n"
      "  meta mark set iifname map @links\n"
      " }\n"
      " chain input {\n"
      "  type filter hook input priority 0; policy accept;\n"
      "  ip daddr @guarded iifname . ip saddr . ip daddr @in_region reject with tcp reset\n"
      "  ip daddr @guarded iifname . ip saddr . ip daddr != @allowed reject with tcp reset\n"
      " }\n}\n";
  return netns::Ruleset::of(std::string(kText), {{"inet services links", std::move(links)},
                                                 {"inet services guarded", std::move(guarded)},
                                                 {"inet services allowed", std::move(allowed)},
                                                 {"inet services in_region", std::move(in_region)}});
}

netns::Link link_to(netns::VethPeer peer, std::string alias, Ipv4Address address) {
  netns::Link link;
  link.peer = std::move(peer);
  link.alias = std::move(alias);
  link.addresses.insert({address, 32, false});
  return link;
}

/// The highest number of a bridge of `subnet` that has a port.
unsigned last_shard_of(const Model& model, const VirtualNetwork& network, const Subnet& subnet) {
  unsigned last = 0;
  for (const auto& machine : model.virtual_machines) {
    if (same_name(machine.subnet.virtual_network, network.name) && same_name(machine.subnet.subnet, subnet.name))
      last = std::max(last, shard_of(subnet, *machine.private_ip_address));
  }
  return last;
}

}  // namespace

bool has_services(const Model& model) { return !model.storage_accounts.empty() || !model.services.empty(); }

Ipv4Address services_address() { return {internet_address().value + 2}; }

netns::Namespace build_services(const Model& model, const Places& places) {
  netns::Namespace services;
  // A lab's own command may make something there.
  if (std::ranges::all_of(services_of(model), [](const Service* service) { return is_mocked(*service); }))
    services.custody = netns::Custody::Exclusive;
  services.sysctls = {{"ipv4/fwmark_reflect", "1"}, {"ipv4/tcp_fwmark_accept", "1"}, {"ipv4/ip_unprivileged_port_start", "0"}};
  services.sysctls.insert(no_second_look_at_senders());
  auto internet = link_to({namespace_name(model.lab, kInternetNode), std::string(kServicesNode)},
                          fmt::format("{}/internet/services", model.lab), services_address());
  for (const auto* service : services_of(model)) internet.addresses.insert({*service->address, 32, false});
  services.links.emplace(kEdgeLink, std::move(internet));
  services.routes.insert({.table = netns::kMainTable,
                          .destination = kEverything,
                          .type = netns::RouteType::Unicast,
                          .device = std::string(kEdgeLink),
                          .gateway = internet_address()});
  for (const auto& network : model.virtual_networks) {
    if (!uses_backbone(model, network)) continue;
    const auto name = services_to_network_name(network.name);
    services.links.emplace(name, link_to({namespace_name(model.lab, network.name), std::string(kBackboneLink)},
                                         fmt::format("{}/virtualNetworks/{}/backbone", model.lab, network.name), services_address()));
    services.rules.insert({kRulePriority, {}, mark_of(network), mark_of(network)});
    services.routes.insert({.table = mark_of(network),
                            .destination = kEverything,
                            .type = netns::RouteType::Unicast,
                            .device = name,
                            .gateway = router_address(network)});
  }
  services.ruleset = services_ruleset(model);
  add_mock_service(model, places, services);
  for (const auto* service : services_of(model)) {
    if (is_mocked(*service)) continue;
    services.processes[service->name] = process_of(model, *service, places);
  }
  return services;
}

void add_backbone(const Model& model, const VirtualNetwork& network, netns::Namespace& router) {
  if (!uses_backbone(model, network)) return;
  auto link = link_to({namespace_name(model.lab, kServicesNode), services_to_network_name(network.name)},
                      fmt::format("{}/virtualNetworks/{}/backbone", model.lab, network.name), router_address(network));
  link.forwards = true;
  router.links.emplace(kBackboneLink, std::move(link));
}

BackboneRules backbone_rules(const Model& model, const VirtualNetwork& network) {
  BackboneRules rules;
  if (!has_services(model)) return rules;
  // What began over the backbone has not been translated, what began over the internet has.
  rules.forward = fmt::format(
      "  oifname \"{0}\" ip daddr {1} ct state established ct status & snat == 0 reject with tcp reset\n"
      "  oifname \"{0}\" ip daddr {1} ct state established ct status & snat == 0 drop\n",
      kEdgeLink, to_string(kServicesRange));
  rules.output = "  tcp flags & rst == rst accept\n";  // those that the rules above send
  if (!uses_backbone(model, network)) return rules;
  rules.set = " set on_backbone { type ifname . ipv4_addr; flags interval\n }\n";
  rules.forward += fmt::format(
      "  oifname \"{0}\" iifname . ip saddr != @on_backbone drop\n"
      "  oifname \"{0}\" ct status & snat != 0 reject with tcp reset\n"
      "  oifname \"{0}\" ct status & snat != 0 drop\n",
      kBackboneLink);
  rules.established = fmt::format("  iifname \"{}\" drop\n", kBackboneLink);
  auto& elements = rules.elements["inet router on_backbone"];
  for (const auto& subnet : network.subnets) {
    if (subnet.service_endpoints.empty()) continue;
    for (unsigned shard = 0; shard <= last_shard_of(model, network, subnet); ++shard) {
      for (const auto& prefix : subnet.address_prefixes)
        elements.insert(fmt::format("\"{}\" . {}", bridge_name(subnet.name, shard), to_string(prefix)));
    }
  }
  return rules;
}

}  // namespace emu
