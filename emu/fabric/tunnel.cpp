// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/tunnel.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emu/fabric/main_routes.hpp"
#include "emu/fabric/names.hpp"
#include "emu/fabric/router.hpp"
#include "emu/model/gateway_lookup.hpp"
#include "emu/semantics/addresses.hpp"
#include "emu/semantics/ipsec_proposals.hpp"
#include "netns/ipsec/daemon.hpp"

namespace emu {
namespace {

using std::chrono::seconds;

/// L3-8: what is left of 1500 bytes for a packet inside, whatever the cipher.
constexpr std::uint32_t kTunnelMtu = 1400;

std::uint32_t interface_id(Ipv4Address remote) {
  return remote.value & 0xffffffU;  // tells all addresses of the emulated internet apart
}

/// The part of a connection that each end takes from its own side: algorithms and lifetimes (6.2, 6.3).
void set_policy(const std::optional<IpsecPolicy>& policy, netns::IpsecConnection& connection) {
  connection.ike = ike_proposals(policy);
  connection.esp = esp_proposals(policy);
  connection.perfect_forward_secrecy = has_pfs(policy);
  if (!policy) return;
  connection.ipsec_lifetime = seconds{policy->sa_lifetime};
  connection.ipsec_kilobytes = policy->sa_datasize;
}

netns::IpsecConnection connect(const std::string& name, Ipv4Address local, Ipv4Address remote, const Secret& key,
                               const std::optional<IpsecPolicy>& policy) {
  netns::IpsecConnection connection;
  connection.name = name;
  connection.local = local;
  connection.remote = remote;
  connection.next_hop = internet_address();
  connection.interface_id = interface_id(remote);
  connection.local_prefixes = connection.remote_prefixes = {kEverything};
  connection.shared_key = key.reveal();
  set_policy(policy, connection);
  return connection;
}

/// VPN-33. Where both ends may start a tunnel, only one does: two that start at the same moment make two tunnels, and may end with one
/// each. @param first  whether it is this end then
void set_initiative(ConnectionMode here, ConnectionMode there, bool first, TunnelEnd& end) {
  end.responds = here != ConnectionMode::InitiatorOnly;
  const bool both = here == ConnectionMode::Default && there == ConnectionMode::Default;
  const bool left_to_other = here == ConnectionMode::Default && there == ConnectionMode::InitiatorOnly;
  end.connection.initiates = here != ConnectionMode::ResponderOnly && !left_to_other && (!both || first);
}

std::optional<Ipv4Address> other_end(const Model& model, const VirtualNetworkGatewayConnection& connection) {
  if (const auto* local = find_local_network_gateway(model, connection.local_network_gateway)) return gateway_address_of(model, *local);
  const auto* peer = find_virtual_network_gateway(model, connection.peer_virtual_network_gateway);
  return peer == nullptr ? std::nullopt : peer->public_ip_address;
}

/// VPN-20, VPN-21.
void set_selectors(const Model& model, const VirtualNetworkGateway& gateway, const VirtualNetworkGatewayConnection& from,
                   netns::IpsecConnection& connection) {
  if (!from.use_policy_based_traffic_selectors && gateway.vpn_type == VpnType::RouteBased) return;
  const bool is_vnet_to_vnet = !from.peer_virtual_network_gateway.empty();
  // VPN-40: what uses the gateway is on this side of the tunnel, as it is behind it on the other.
  connection.local_prefixes =
      is_vnet_to_vnet ? prefixes_served_by(model, gateway) : find_virtual_network(model, gateway.virtual_network)->address_space;
  connection.remote_prefixes = remote_prefixes_of(model, from);
  if (from.traffic_selector_policies.empty()) return;
  connection.local_prefixes.clear();
  connection.remote_prefixes.clear();
  for (const auto& policy : from.traffic_selector_policies) {
    connection.local_prefixes.insert(connection.local_prefixes.end(), policy.local_address_cidrs.begin(), policy.local_address_cidrs.end());
    connection.remote_prefixes.insert(connection.remote_prefixes.end(), policy.remote_address_cidrs.begin(),
                                      policy.remote_address_cidrs.end());
  }
}

bool is_default_site(const VirtualNetworkGateway& gateway, const VirtualNetworkGatewayConnection& connection) {
  return !gateway.default_local_network_gateway.empty() &&
         same_name(gateway.default_local_network_gateway, connection.local_network_gateway);
}

}  // namespace

std::vector<TunnelEnd> tunnels_of(const Model& model, const VirtualNetworkGateway& gateway) {
  std::vector<TunnelEnd> tunnels;
  for (const auto* from : connections_of(model, gateway)) {
    const auto remote = other_end(model, *from);
    if (!remote || !gateway.public_ip_address) continue;
    TunnelEnd end;
    end.connection = connect(from->name, *gateway.public_ip_address, *remote, from->shared_key, from->ipsec_policy);
    end.connection.dead_peer_timeout = seconds{from->dpd_timeout_seconds};
    const auto* back = counterpart_of(model, *from);
    const auto there = mode_of_other_end(model, *from).value_or(ConnectionMode::ResponderOnly);
    set_initiative(from->connection_mode, there, back == nullptr || from->name < back->name, end);
    set_selectors(model, gateway, *from, end.connection);
    end.routes = remote_prefixes_of(model, *from);
    if (is_default_site(gateway, *from)) end.routes.push_back(kEverything);  // DEF-5
    end.alias = fmt::format("{}/connections/{}", model.lab, from->name);
    tunnels.push_back(std::move(end));
  }
  return tunnels;
}

std::vector<TunnelEnd> tunnels_of(const Model& model, const OnPremises& site) {
  std::vector<TunnelEnd> tunnels;
  for (const auto* from : connections_to(model, site)) {
    const auto* gateway = find_virtual_network_gateway(model, from->virtual_network_gateway);
    if (gateway == nullptr || !gateway->public_ip_address || !site.public_ip_address) continue;
    TunnelEnd end;
    end.connection = connect(from->name, *site.public_ip_address, *gateway->public_ip_address, site.shared_key, site.ipsec_policy);
    set_initiative(site.connection_mode, from->connection_mode, false, end);
    end.routes = prefixes_sent_by(model, site, *gateway);
    if (site.use_policy_based_traffic_selectors) {
      end.connection.local_prefixes = site.address_space;
      end.connection.remote_prefixes = end.routes;
    }
    end.alias = fmt::format("{}/onPremises/{}/connections/{}", model.lab, site.name, from->name);
    tunnels.push_back(std::move(end));
  }
  return tunnels;
}

std::optional<std::array<PlacedEnd, 2>> ends_of(const Model& model, const VirtualNetworkGatewayConnection& connection) {
  const auto placed = [](const auto& place, const std::vector<TunnelEnd>& tunnels, std::string_view name) -> std::optional<PlacedEnd> {
    const auto found = std::ranges::find_if(tunnels, [&](const TunnelEnd& end) { return end.connection.name == name; });
    return found == tunnels.end() ? std::nullopt : std::optional(PlacedEnd{place.name, *found});
  };
  const auto& gateway = *find_virtual_network_gateway(model, connection.virtual_network_gateway);
  const auto here = placed(gateway, tunnels_of(model, gateway), connection.name);
  std::optional<PlacedEnd> there;
  if (const auto* back = counterpart_of(model, connection)) {
    const auto& peer = *find_virtual_network_gateway(model, back->virtual_network_gateway);
    there = placed(peer, tunnels_of(model, peer), back->name);
  } else if (const auto* local = find_local_network_gateway(model, connection.local_network_gateway)) {
    if (const auto* site = site_behind(model, *local)) there = placed(*site, tunnels_of(model, *site), connection.name);
  }
  if (!here || !there) return std::nullopt;
  return std::array{*here, *there};
}

void add_public_leg(const Model& model, const std::string& other_end, Ipv4Address address, const std::string& alias,
                    netns::Namespace& name_space) {
  netns::Link internet;
  internet.peer = netns::VethPeer{namespace_name(model.lab, kInternetNode), other_end};
  internet.forwards = true;
  internet.alias = alias;
  internet.addresses.insert({address, 32, false});
  name_space.links.emplace(kEdgeLink, std::move(internet));
}

std::string tunnel_interface_name(Ipv4Address remote) { return netns::ipsec_interface_name(interface_id(remote)); }

std::filesystem::path daemon_folder(const Places& places, std::string_view node) {
  return places.folder / kDaemonsFolder / short_name(node);  // the path of a socket in it is limited
}

void add_tunnels(const Model& model, std::string_view node, const std::vector<TunnelEnd>& tunnels, const Places& places,
                 netns::Namespace& name_space) {
  if (tunnels.empty()) return;
  std::vector<netns::IpsecConnection> connections;
  for (const auto& tunnel : tunnels) {
    const auto name = tunnel_interface_name(tunnel.connection.remote);
    netns::Link link;
    link.kind = netns::LinkKind::Xfrm;
    link.interface_id = tunnel.connection.interface_id;
    link.mtu = kTunnelMtu;
    link.forwards = true;
    link.alias = tunnel.alias;
    name_space.links.emplace(name, std::move(link));
    for (const auto& prefix : tunnel.routes) add_unless_taken(name_space, main_route(prefix, name));
    name_space.routes.insert(main_route({tunnel.connection.remote, 32}, std::string(kEdgeLink), internet_address()));
    connections.push_back(tunnel.connection);
  }
  const auto folder = daemon_folder(places, node);
  auto surroundings = daemon_surroundings(model, node, places);
  auto files = netns::ipsec_daemon_folder(folder, connections);
  files.teller = {places.program, "ipsec-daemon", "--folder", folder, "--tell"};
  name_space.processes[std::string(kDaemonProcess)] = {
      {places.program, "ipsec-daemon", "--folder", folder, "--key-store", places.folder / "ipsec.keys"},
      std::move(surroundings),
      std::move(files)};
}

std::string tunnel_input_rules(const std::vector<TunnelEnd>& tunnels) {
  std::string rules;
  for (const auto& tunnel : tunnels) {
    // VPN-33: an end that only initiates hears no IKE_SA_INIT request (RFC 7296, 3.1: exchange type 34, without the response flag).
    if (!tunnel.responds)
      rules += fmt::format("  iifname \"{}\" ip saddr {} udp dport 500 @th,208,8 34 @th,216,8 & 32 == 0 drop\n", kEdgeLink,
                           to_string(tunnel.connection.remote));
  }
  rules += fmt::format("  iifname \"{0}\" udp dport {{ 500, 4500 }} accept\n  iifname \"{0}\" meta l4proto esp accept\n", kEdgeLink);
  return rules;
}

}  // namespace emu
