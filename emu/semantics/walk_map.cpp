// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/walk_map.hpp"

#include <algorithm>
#include <tuple>

#include "emu/model/gateway_lookup.hpp"
#include "emu/model/name_key.hpp"
#include "emu/model/service_lookup.hpp"
#include "emu/semantics/route_precedence.hpp"

namespace emu {
namespace {

template <typename Map>
auto find_in(Map& map, std::string_view name) -> decltype(&map.begin()->second) {
  const auto found = map.find(name_key(name));
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

std::pair<Ipv4Prefix, const EffectiveRoute*> SubnetPlace::route_to(Ipv4Address destination) const {
  const auto found = std::ranges::find_if(in_force, [&](const auto& entry) { return entry.first.contains(destination); });
  return found == in_force.end() ? std::pair<Ipv4Prefix, const EffectiveRoute*>{} : *found;
}

const PeerPlace* NetworkPlace::peer(const NetworkPlace& remote) const {
  const auto found = std::ranges::find_if(peers, [&](const PeerPlace& peer) { return peer.remote == &remote; });
  return found == peers.end() ? nullptr : &*found;
}

WalkMap::WalkMap(const Model& resolved) : model_(resolved) {
  add_networks();
  add_machines();
  add_gateways_and_sites();
  for (auto& [name, place] : networks_) add_peers(place);
  add_public_addresses();
}

void WalkMap::add_networks() {
  for (const auto& network : model_.virtual_networks) {
    auto& place = networks_[name_key(network.name)];
    place.network = &network;
    place.idle_peerings = idle_peerings(model_, network);
    for (const auto& subnet : network.subnets) {
      auto& routes = subnets_[{name_key(network.name), name_key(subnet.name)}];
      routes.network = &place;
      routes.subnet = &subnet;
      routes.routes = effective_routes(model_, network, subnet);
      const auto in_force = routes_in_force(routes.routes);
      routes.in_force.assign(in_force.begin(), in_force.end());
      std::ranges::stable_sort(routes.in_force, std::ranges::greater{}, [](const auto& entry) { return entry.first.length; });
      if (subnet.name == kGatewaySubnet) place.gateway_subnet = &routes;
    }
  }
}

/// Machines of one subnet that have the same groups share what these come to.
void WalkMap::add_machines() {
  std::map<std::tuple<const SubnetPlace*, std::string, Arrival>, std::shared_ptr<const SecurityGroups>> known;
  for (const auto& machine : model_.virtual_machines) {
    auto& place = machines_[name_key(machine.name)];
    place.machine = &machine;
    place.subnet = &subnets_.at({name_key(machine.subnet.virtual_network), name_key(machine.subnet.subnet)});
    place.network = place.subnet->network;
    place.address = *machine.private_ip_address;
    for (const auto arrival : {Arrival::Usual, Arrival::Forwarded}) {
      auto& groups = known[{place.subnet, name_key(machine.network_security_group), arrival}];
      if (groups == nullptr) groups = std::make_shared<const SecurityGroups>(effective_security_groups(model_, machine, arrival));
      place.groups[static_cast<std::size_t>(arrival)] = groups;
    }
    place.groups[static_cast<std::size_t>(Arrival::Foreign)] =
        place.groups[static_cast<std::size_t>(Arrival::Usual)];  // one list is the tag
    network(machine.subnet.virtual_network)->machines.emplace(place.address, &place);
  }
}

void WalkMap::add_gateways_and_sites() {
  for (const auto& gateway : model_.virtual_network_gateways) gateways_[name_key(gateway.name)].gateway = &gateway;
  for (const auto& site : model_.on_premises) {
    auto& place = sites_[name_key(site.name)];
    place.site = &site;
    for (const auto& host : site.hosts) sites_by_host_.emplace(name_key(host.name), &place);
    for (const auto* connection : connections_to(model_, site)) {
      auto& tunnel = place.tunnels.emplace_back(site_end(model_, *connection, site));
      tunnel.to_gateway = find_in(gateways_, connection->virtual_network_gateway);
    }
  }
  for (auto& [name, place] : gateways_) {
    const auto& gateway = *place.gateway;
    auto* home = network(gateway.virtual_network);
    place.network = home;
    home->gateway = &place;
    place.serves = prefixes_served_by(model_, gateway);
    for (const auto* connection : connections_of(model_, gateway)) {
      auto& tunnel = place.tunnels.emplace_back(gateway_end(model_, *connection));
      if (const auto* other = gateway_at_other_end(model_, *connection)) tunnel.to_gateway = find_in(gateways_, other->name);
      const auto* local = find_local_network_gateway(model_, connection->local_network_gateway);
      const auto* site = local == nullptr ? nullptr : site_behind(model_, *local);
      if (site != nullptr) tunnel.to_site = find_in(sites_, site->name);
    }
  }
  for (auto& [name, place] : networks_) {
    if (const auto* serving = gateway_for(model_, *place.network)) place.serving_gateway = find_in(gateways_, serving->name);
  }
}

void WalkMap::add_peers(NetworkPlace& place) {
  for (const auto& link : place.network->peerings) {
    const auto* remote = network(link.remote_virtual_network);
    if (link.peering_state != PeeringState::Connected || remote == nullptr) continue;
    place.peers.push_back({remote, &link});
  }
}

void WalkMap::add_public_addresses() {
  for (const auto& [name, place] : networks_)
    if (place.network->default_outbound_address) public_places_[*place.network->default_outbound_address].default_outbound_of = &place;
  for (const auto& [name, place] : machines_)
    if (place.machine->public_ip_address) public_places_[*place.machine->public_ip_address].machine = &place;
  for (const auto& [name, place] : gateways_)
    if (place.gateway->public_ip_address) public_places_[*place.gateway->public_ip_address].gateway = &place;
  for (const auto& [name, place] : sites_)
    if (place.site->public_ip_address) public_places_[*place.site->public_ip_address].site = &place;
  for (const auto& host : model_.internet.hosts) public_places_[host.ip_address].host = &host;
  for (const auto* service : services_of(model_))
    if (service->address) public_places_[*service->address].service = service;
}

NetworkPlace* WalkMap::network(std::string_view name) { return find_in(networks_, name); }
const MachinePlace* WalkMap::machine(std::string_view name) const { return find_in(machines_, name); }

const SitePlace* WalkMap::site_of_host(std::string_view host) const {
  const auto found = sites_by_host_.find(name_key(host));
  return found == sites_by_host_.end() ? nullptr : found->second;
}

const PublicPlace* WalkMap::public_place(Ipv4Address address) const {
  const auto found = public_places_.find(address);
  return found == public_places_.end() ? nullptr : &found->second;
}

}  // namespace emu
