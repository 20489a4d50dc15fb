// SPDX-License-Identifier: Apache-2.0
// tests/unit/emu/sample_vpn.hpp — a hub with a VPN gateway, a spoke that uses it, and a site.
#pragma once

#include "emu/semantics/resolve.hpp"
#include "tests/unit/emu/sample_model.hpp"

namespace emu::sample {

inline VirtualNetworkGateway gateway(std::string name, std::string virtual_network) {
  VirtualNetworkGateway out;
  out.name = std::move(name);
  out.virtual_network = std::move(virtual_network);
  return out;
}

inline LocalNetworkGateway local_gateway(std::string name, std::string gateway_address,
                                         const std::vector<std::string_view>& address_space) {
  return {std::move(name), std::move(gateway_address), prefixes(address_space)};
}

inline VirtualNetworkGatewayConnection connection(std::string name, std::string gateway_name) {
  VirtualNetworkGatewayConnection out;
  out.name = std::move(name);
  out.virtual_network_gateway = std::move(gateway_name);
  out.shared_key = Secret("Str0ngKey");
  return out;
}

inline VirtualNetworkGatewayConnection ipsec(std::string name, std::string gateway_name, std::string local) {
  auto out = connection(std::move(name), std::move(gateway_name));
  out.local_network_gateway = std::move(local);
  return out;
}

inline VirtualNetworkGatewayConnection vnet_to_vnet(std::string name, std::string gateway_name, std::string peer) {
  auto out = connection(std::move(name), std::move(gateway_name));
  out.peer_virtual_network_gateway = std::move(peer);
  return out;
}

inline OnPremises site(std::string name, const std::vector<std::string_view>& address_space) {
  OnPremises out;
  out.name = std::move(name);
  out.address_space = prefixes(address_space);
  out.shared_key = Secret("Str0ngKey");
  return out;
}

/// hub (gw) <-> spoke, which uses gw; gw <-> dc with server1. Not resolved.
inline Model vpn_lab() {
  Model model;
  model.lab = "vpn";
  model.location = "westus";
  model.virtual_networks = {
      network("hub", {"10.0.0.0/16"}, {subnet("default", {"10.0.0.0/24"}), subnet("GatewaySubnet", {"10.0.255.0/27"})}),
      network("spoke", {"10.1.0.0/16"}, {subnet("web", {"10.1.0.0/24"})})};
  model.virtual_networks[0].peerings = {peering("to-spoke", "spoke")};
  model.virtual_networks[0].peerings[0].allow_gateway_transit = true;
  model.virtual_networks[1].peerings = {peering("to-hub", "hub")};
  model.virtual_networks[1].peerings[0].use_remote_gateways = true;
  model.virtual_machines = {machine("vm1", "hub", "default")};
  model.virtual_network_gateways = {gateway("gw", "hub")};
  model.local_network_gateways = {local_gateway("dc-seen", "on_premises.dc", {"192.168.0.0/16", "172.16.9.0/24"})};
  model.virtual_network_gateway_connections = {ipsec("to-dc", "gw", "dc-seen")};
  model.on_premises = {site("dc", {"192.168.0.0/16"})};
  model.on_premises[0].hosts = {{"server1", address("192.168.1.10"), 80, {}}};
  return model;
}

inline Model resolved_vpn_lab() { return resolve(vpn_lab(), nullptr).model; }

}  // namespace emu::sample
