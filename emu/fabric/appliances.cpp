// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/appliances.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "emu/fabric/names.hpp"
#include "emu/fabric/router.hpp"
#include "emu/model/name_key.hpp"
#include "emu/semantics/addresses.hpp"
#include "emu/semantics/effective_routes.hpp"
#include "emu/semantics/route_precedence.hpp"

namespace emu {
namespace {

netns::Link transit_link(const Model& model, const VirtualNetwork& owner, const VirtualNetwork& from, const VirtualMachine& appliance,
                         netns::VethPeer peer) {
  netns::Link link;
  link.peer = std::move(peer);
  link.forwards = true;
  link.alias = fmt::format("{}/virtualNetworks/{}/appliances/{}", model.lab, from.name, appliance.name);
  link.addresses.insert({router_address(owner), 32, false});
  return link;
}

/// What comes in by the transit goes to the appliance, wherever it is for.
void end_transit(const Model& model, const VirtualNetwork& from, const Appliance& appliance, netns::Namespace& router) {
  const auto address = *appliance.machine->private_ip_address;
  const auto name = transit_end_name(from.name, address);
  const auto table = address.value;  // no subnet's: its first address is no machine's
  router.links.emplace(name, transit_link(model, *appliance.network, from, *appliance.machine,
                                          {namespace_name(model.lab, from.name), transit_start_name(address)}));
  router.rules.insert({kRulePriority, name, table});
  router.routes.insert({.table = table,
                        .destination = kEverything,
                        .type = netns::RouteType::Unicast,
                        .device = bridge_of(model, *appliance.machine),
                        .gateway = address});
}

/// The appliances in peers of `network` that its user-defined routes send packets to, each once.
std::vector<Appliance> transits_from(const Model& model, const VirtualNetwork& network) {
  std::map<Ipv4Address, Appliance> found;
  std::optional<Appliances> appliances;
  for (const auto& subnet : network.subnets) {
    if (subnet.route_table.empty()) continue;
    if (!appliances) appliances.emplace(model, network);
    const auto routes = effective_routes(model, network, subnet);
    for (const auto& [prefix, route] : routes_in_force(routes)) {
      if (route->next_hop_type != NextHopType::VirtualAppliance || route->next_hop_ip_address.empty()) continue;
      const auto appliance = appliances->find(route->next_hop_ip_address.front());
      if (appliance && appliance->network != &network) found.emplace(route->next_hop_ip_address.front(), *appliance);
    }
  }
  std::vector<Appliance> transits;
  for (const auto& [address, appliance] : found) transits.push_back(appliance);
  return transits;
}

}  // namespace

Appliances::Appliances(const Model& model, const VirtualNetwork& network) {
  std::unordered_map<std::string, const VirtualNetwork*> reachable{{name_key(network.name), &network}};
  for (const auto& link : network.peerings) {
    if (link.peering_state != PeeringState::Connected) continue;
    if (const auto* remote = find_virtual_network(model, link.remote_virtual_network)) reachable.emplace(name_key(remote->name), remote);
  }
  for (const auto& machine : model.virtual_machines) {
    if (!machine.ip_forwarding) continue;
    const auto home = reachable.find(name_key(machine.subnet.virtual_network));
    if (home != reachable.end()) by_address_.emplace(machine.private_ip_address->value, Appliance{home->second, &machine});
  }
}

std::optional<Appliance> Appliances::find(Ipv4Address address) const {
  const auto found = by_address_.find(address.value);
  return found == by_address_.end() ? std::nullopt : std::optional(found->second);
}

std::string bridge_of(const Model& model, const VirtualMachine& machine) {
  const auto& subnet = *find_subnet(model, machine.subnet);
  return bridge_name(subnet.name, shard_of(subnet, *machine.private_ip_address));
}

Transits transits_of(const Model& model, const VirtualNetwork& network) {
  Transits transits{transits_from(model, network), {}};
  for (const auto& link : network.peerings) {
    const auto* remote = find_virtual_network(model, link.remote_virtual_network);
    if (link.peering_state != PeeringState::Connected || remote == nullptr) continue;
    for (const auto& appliance : transits_from(model, *remote))
      if (appliance.network == &network) transits.ends.push_back({remote, appliance});
  }
  return transits;
}

void add_transits(const Model& model, const VirtualNetwork& network, const Transits& transits, netns::Namespace& router) {
  for (const auto& appliance : transits.starts) {
    const auto address = *appliance.machine->private_ip_address;
    router.links.emplace(transit_start_name(address),
                         transit_link(model, network, network, *appliance.machine,
                                      {namespace_name(model.lab, appliance.network->name), transit_end_name(network.name, address)}));
  }
  for (const auto& end : transits.ends) end_transit(model, *end.from, end.appliance, router);
}

}  // namespace emu
