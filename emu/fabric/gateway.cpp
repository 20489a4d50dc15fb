// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/gateway.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emu/fabric/main_routes.hpp"
#include "emu/fabric/names.hpp"
#include "emu/fabric/router.hpp"
#include "emu/fabric/ruleset_parts.hpp"
#include "emu/fabric/tunnel.hpp"
#include "emu/model/gateway_lookup.hpp"
#include "emu/semantics/addresses.hpp"

namespace emu {
namespace {

/// Forwards between network and tunnels and between tunnels (VPN-25), never to or from the internet in the clear.
netns::Ruleset gateway_ruleset(const std::vector<TunnelEnd>& tunnels) {
  auto text = fmt::format(
      "table inet gateway {{\n"
      " chain input {{\n"
      "  type filter hook input priority 0; policy drop;\n"
      "{0}"
      "  icmp type destination-unreachable accept\n"
      " }}\n"
      " chain output {{\n"
      "  type filter hook output priority 0; policy accept;\n"
      "{1}"
      " }}\n"
      " chain forward {{\n"
      "  type filter hook forward priority 0; policy accept;\n"
      "  iifname \"{2}\" drop\n"
      "  oifname \"{2}\" drop\n"
      "{3}"
      " }}\n}}\n",
      tunnel_input_rules(tunnels), kSilentHop, kEdgeLink, kTunnelSegments);
  return netns::Ruleset::of(std::move(text));
}

}  // namespace

netns::Namespace build_gateway(const Model& model, const VirtualNetworkGateway& gateway, const Places& places) {
  const auto& network = *find_virtual_network(model, gateway.virtual_network);
  const auto& subnet = *find_subnet(network, kGatewaySubnet);
  const auto inside = *gateway.private_ip_address;
  const auto alias = fmt::format("{}/virtualNetworkGateways/{}", model.lab, gateway.name);
  netns::Namespace result;
  result.custody = netns::Custody::Exclusive;
  result.sysctls = forwarding_sysctls();

  netns::Link vnet;
  vnet.peer = netns::VethPeer{namespace_name(model.lab, network.name), gateway_port_name(gateway.name)};
  vnet.address = mac_address(subnet, inside);
  vnet.forwards = true;
  vnet.alias = alias;
  const auto prefix = prefix_of(subnet, inside);
  vnet.addresses.insert({inside, prefix.length, true});
  result.links.emplace(kNetworkLink, std::move(vnet));

  add_public_leg(model, internet_to_gateway_name(gateway.name), *gateway.public_ip_address, alias, result);
  const auto tunnels = tunnels_of(model, gateway);
  add_tunnels(model, gateway.name, tunnels, places, result);
  const auto to_network = [&](const Ipv4Prefix& block) {
    result.routes.insert(main_route(block, std::string(kNetworkLink), Ipv4Address{prefix.first().value + 1}));
  };
  for (const auto& block : network.address_space)
    if (block != prefix) to_network(block);
  for (const auto* spoke : spokes_of(model, gateway)) std::ranges::for_each(spoke->address_space, to_network);
  add_unless_taken(result, blackhole(kEverything));
  result.ruleset = gateway_ruleset(tunnels);
  return result;
}

}  // namespace emu
