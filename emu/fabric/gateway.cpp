// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/gateway.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emu/fabric/names.hpp"
#include "emu/fabric/router.hpp"
#include "emu/fabric/ruleset_parts.hpp"
#include "emu/fabric/tunnel.hpp"
#include "emu/model/gateway_lookup.hpp"

namespace emu {
namespace {

constexpr Ipv4Prefix kEverything{{0}, 0};

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
  result.sysctls = forwarding_sysctls();

  netns::Link vnet;
  vnet.peer = netns::VethPeer{namespace_name(model.lab, network.name), gateway_port_name(gateway.name)};
  vnet.address = mac_address(subnet, inside);
  vnet.forwards = true;
  vnet.alias = alias;
  const auto prefix = prefix_of(subnet, inside);
  vnet.addresses.insert({inside, prefix.length, true});
  result.links.emplace(kNetworkLink, std::move(vnet));

  netns::Link internet;
  internet.peer = netns::VethPeer{namespace_name(model.lab, kInternetNode), internet_to_gateway_name(gateway.name)};
  internet.forwards = true;
  internet.alias = alias;
  internet.addresses.insert({*gateway.public_ip_address, 32, false});
  result.links.emplace(kEdgeLink, std::move(internet));

  const auto tunnels = tunnels_of(model, gateway);
  add_tunnels(model, gateway.name, tunnels, places, result);
  const auto to_network = [&](const Ipv4Prefix& block) {
    result.routes.insert({.table = netns::kMainTable,
                          .destination = block,
                          .type = netns::RouteType::Unicast,
                          .device = std::string(kNetworkLink),
                          .gateway = Ipv4Address{prefix.first().value + 1}});
  };
  for (const auto& block : network.address_space)
    if (block != prefix) to_network(block);
  for (const auto* spoke : spokes_of(model, gateway))
    for (const auto& block : spoke->address_space) to_network(block);
  const bool has_default = std::ranges::any_of(result.routes, [](const netns::Route& route) { return route.destination == kEverything; });
  if (!has_default)
    result.routes.insert(
        {.table = netns::kMainTable, .destination = kEverything, .type = netns::RouteType::Blackhole, .device = {}, .gateway = {}});
  result.ruleset = gateway_ruleset(tunnels);
  return result;
}

}  // namespace emu
