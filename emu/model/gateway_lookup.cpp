// SPDX-License-Identifier: Apache-2.0
#include "emu/model/gateway_lookup.hpp"

#include <algorithm>

#include "emu/model/find_by_name.hpp"

namespace emu {
namespace {

void append(std::vector<Ipv4Prefix>& to, const std::vector<Ipv4Prefix>& from) { to.insert(to.end(), from.begin(), from.end()); }

}  // namespace

const VirtualNetworkGateway* find_virtual_network_gateway(const Model& model, std::string_view name) {
  return find_by_name(model.virtual_network_gateways, name);
}

const LocalNetworkGateway* find_local_network_gateway(const Model& model, std::string_view name) {
  return find_by_name(model.local_network_gateways, name);
}

const VirtualNetworkGatewayConnection* find_connection(const Model& model, std::string_view name) {
  return find_by_name(model.virtual_network_gateway_connections, name);
}

const OnPremises* find_site(const Model& model, std::string_view name) { return find_by_name(model.on_premises, name); }

const OnPremises* site_of_host(const Model& model, std::string_view host) {
  const auto found =
      std::ranges::find_if(model.on_premises, [&](const OnPremises& site) { return find_by_name(site.hosts, host) != nullptr; });
  return found == model.on_premises.end() ? nullptr : &*found;
}

const OnPremisesHost* find_on_premises_host(const Model& model, std::string_view name) {
  const auto* site = site_of_host(model, name);
  return site == nullptr ? nullptr : find_by_name(site->hosts, name);
}

const VirtualNetworkGateway* gateway_in(const Model& model, std::string_view network) {
  const auto& gateways = model.virtual_network_gateways;
  const auto found = std::ranges::find_if(gateways, [&](const auto& gateway) { return same_name(gateway.virtual_network, network); });
  return found == gateways.end() ? nullptr : &*found;
}

const VirtualNetworkGateway* gateway_for(const Model& model, const VirtualNetwork& network) {
  if (const auto* own = gateway_in(model, network.name)) return own;
  for (const auto& link : network.peerings) {
    if (!link.use_remote_gateways || link.peering_state != PeeringState::Connected) continue;
    const auto* remote = find_virtual_network(model, link.remote_virtual_network);
    const auto* back = remote == nullptr ? nullptr : find_peering_to(*remote, network.name);
    if (back != nullptr && back->allow_gateway_transit) return gateway_in(model, remote->name);
  }
  return nullptr;
}

std::vector<const VirtualNetworkGatewayConnection*> connections_of(const Model& model, const VirtualNetworkGateway& gateway) {
  std::vector<const VirtualNetworkGatewayConnection*> connections;
  for (const auto& connection : model.virtual_network_gateway_connections) {
    if (same_name(connection.virtual_network_gateway, gateway.name)) connections.push_back(&connection);
  }
  return connections;
}

std::vector<const VirtualNetwork*> spokes_of(const Model& model, const VirtualNetworkGateway& gateway) {
  std::vector<const VirtualNetwork*> spokes;
  for (const auto& network : model.virtual_networks) {
    if (!same_name(network.name, gateway.virtual_network) && gateway_for(model, network) == &gateway) spokes.push_back(&network);
  }
  return spokes;
}

std::vector<Ipv4Prefix> prefixes_served_by(const Model& model, const VirtualNetworkGateway& gateway) {
  std::vector<Ipv4Prefix> prefixes;
  if (const auto* network = find_virtual_network(model, gateway.virtual_network)) append(prefixes, network->address_space);
  for (const auto* spoke : spokes_of(model, gateway)) append(prefixes, spoke->address_space);
  return prefixes;
}

const VirtualNetworkGateway* gateway_at_other_end(const Model& model, const VirtualNetworkGatewayConnection& connection) {
  if (const auto* local = find_local_network_gateway(model, connection.local_network_gateway)) return gateway_behind(model, *local);
  return find_virtual_network_gateway(model, connection.peer_virtual_network_gateway);
}

const VirtualNetworkGatewayConnection* counterpart_of(const Model& model, const VirtualNetworkGatewayConnection& connection) {
  const auto* gateway = find_virtual_network_gateway(model, connection.virtual_network_gateway);
  const auto* peer = gateway_at_other_end(model, connection);
  if (gateway == nullptr || peer == nullptr) return nullptr;
  const auto& connections = model.virtual_network_gateway_connections;
  const auto found = std::ranges::find_if(connections, [&](const auto& other) {
    return &other != &connection && same_name(other.virtual_network_gateway, peer->name) &&
           other.peer_virtual_network_gateway.empty() == connection.peer_virtual_network_gateway.empty() &&
           gateway_at_other_end(model, other) == gateway;
  });
  return found == connections.end() ? nullptr : &*found;
}

std::optional<ConnectionMode> mode_of_other_end(const Model& model, const VirtualNetworkGatewayConnection& connection) {
  if (const auto* counterpart = counterpart_of(model, connection)) return counterpart->connection_mode;
  const auto* local = find_local_network_gateway(model, connection.local_network_gateway);
  const auto* site = local == nullptr ? nullptr : site_behind(model, *local);
  return site == nullptr ? std::nullopt : std::optional(site->connection_mode);
}

std::vector<Ipv4Prefix> remote_prefixes_of(const Model& model, const VirtualNetworkGatewayConnection& connection) {
  if (const auto* local = find_local_network_gateway(model, connection.local_network_gateway)) return local->address_space;
  const auto* peer = find_virtual_network_gateway(model, connection.peer_virtual_network_gateway);
  return peer == nullptr ? std::vector<Ipv4Prefix>{} : prefixes_served_by(model, *peer);
}

std::optional<std::string_view> site_named_by(std::string_view gateway_address) {
  constexpr std::string_view kSection = "on_premises.";
  if (!gateway_address.starts_with(kSection)) return std::nullopt;
  return gateway_address.substr(kSection.size());
}

const OnPremises* site_behind(const Model& model, const LocalNetworkGateway& local) {
  if (const auto site = site_named_by(local.gateway_address)) return find_site(model, *site);
  const auto address = Ipv4Address::parse(local.gateway_address);
  const auto& sites = model.on_premises;
  const auto found = std::ranges::find_if(sites, [&](const OnPremises& site) { return address && site.public_ip_address == address; });
  return found == sites.end() ? nullptr : &*found;
}

const VirtualNetworkGateway* gateway_behind(const Model& model, const LocalNetworkGateway& local) {
  const auto address = Ipv4Address::parse(local.gateway_address);
  const auto& gateways = model.virtual_network_gateways;
  const auto found = std::ranges::find_if(gateways, [&](const auto& gateway) { return address && gateway.public_ip_address == address; });
  return found == gateways.end() ? nullptr : &*found;
}

std::optional<Ipv4Address> gateway_address_of(const Model& model, const LocalNetworkGateway& local) {
  if (const auto address = Ipv4Address::parse(local.gateway_address)) return address;
  const auto* site = site_behind(model, local);
  return site == nullptr ? std::nullopt : site->public_ip_address;
}

std::vector<const VirtualNetworkGatewayConnection*> connections_to(const Model& model, const OnPremises& site) {
  std::vector<const VirtualNetworkGatewayConnection*> connections;
  for (const auto& connection : model.virtual_network_gateway_connections) {
    const auto* local = find_local_network_gateway(model, connection.local_network_gateway);
    if (local != nullptr && site_behind(model, *local) == &site) connections.push_back(&connection);
  }
  return connections;
}

std::vector<Ipv4Prefix> prefixes_sent_by(const Model& model, const OnPremises& site, const VirtualNetworkGateway& gateway) {
  return site.remote_address_space.empty() ? prefixes_served_by(model, gateway) : site.remote_address_space;
}

}  // namespace emu
