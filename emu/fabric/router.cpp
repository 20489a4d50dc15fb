// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/router.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emu/fabric/appliances.hpp"
#include "emu/fabric/names.hpp"
#include "emu/fabric/services.hpp"
#include "emu/fabric/subnet_table.hpp"
#include "emu/model/gateway_lookup.hpp"
#include "emu/semantics/addresses.hpp"

namespace emu {
namespace {

using netns::kMainTable;
using netns::RouteType;

constexpr unsigned kPortsPerBridge = 1020;
/// What every neighbour's address resolves to in Azure (L3-5).
constexpr MacAddress kRouterMac{{0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc}};

Ipv4Address gateway_of(const Ipv4Prefix& prefix) { return {prefix.first().value + 1}; }

std::string alias(const Model& model, std::string_view path) { return fmt::format("{}/{}", model.lab, path); }

netns::Link bridge(const Model& model, const VirtualNetwork& network, const Subnet& subnet, unsigned shard) {
  netns::Link link;
  link.kind = netns::LinkKind::Bridge;
  link.address = kRouterMac;
  link.forwards = true;
  link.alias = alias(model, fmt::format("virtualNetworks/{}/subnets/{}", network.name, subnet.name));
  for (const auto& prefix : subnet.address_prefixes) link.addresses.insert({gateway_of(prefix), prefix.length, shard == 0});
  link.proxy_arp = true;
  return link;
}

netns::Link port(const Model& model, const VirtualMachine& machine, const std::string& bridge) {
  netns::Link link;
  link.peer = netns::VethPeer{namespace_name(model.lab, machine.name), std::string(kMachineLink)};
  link.master = bridge;
  link.isolated = true;
  link.forwards = true;  // as the router's switch sets every link; packets reach the bridge, never a port
  link.alias = alias(model, fmt::format("virtualMachines/{}", machine.name));
  return link;
}

/// The subnet's own table (effective routes), and what the main table knows of the subnet.
void add_subnet(const Model& model, const VirtualNetwork& network, const Subnet& subnet, const Appliances& appliances,
                netns::Namespace& router) {
  for (auto& route : subnet_table(model, network, subnet, appliances)) router.routes.insert(std::move(route));
  const auto first = bridge_name(subnet.name, 0);
  router.links.emplace(first, bridge(model, network, subnet, 0));
  router.rules.insert({kRulePriority, first, table_of(subnet)});
}

void add_machine(const Model& model, const VirtualNetwork& network, const Subnet& subnet, const VirtualMachine& machine,
                 netns::Namespace& router) {
  const auto address = *machine.private_ip_address;
  const auto shard = shard_of(subnet, address);
  const auto name = bridge_name(subnet.name, shard);
  if (shard != 0) {
    if (!router.links.contains(name)) {
      router.links.emplace(name, bridge(model, network, subnet, shard));
      router.rules.insert({kRulePriority, name, table_of(subnet)});
    }
    router.routes.insert({.table = kMainTable, .destination = {address, 32}, .type = RouteType::Unicast, .device = name, .gateway = {}});
  }
  router.links.emplace(port_name(machine.name), port(model, machine, name));
  router.neighbours.insert({name, address, mac_address(subnet, address), port_name(machine.name)});
}

void add_link(netns::Namespace& router, const VirtualNetwork& network, const std::string& name, netns::VethPeer peer, std::string alias) {
  netns::Link link;
  link.peer = std::move(peer);
  link.forwards = true;
  link.alias = std::move(alias);
  link.addresses.insert({router_address(network), 32, false});
  router.links.emplace(name, std::move(link));
}

/// The gateway's port, and for each spoke that uses the gateway a table of what comes in from there: what is not for this network
/// goes to the gateway (PEER-19), which drops what it has no route for.
void add_gateway(const Model& model, const VirtualNetwork& network, const VirtualNetworkGateway& gateway, netns::Namespace& router) {
  const auto bridge = bridge_name(kGatewaySubnet, 0);
  netns::Link link;
  link.peer = netns::VethPeer{namespace_name(model.lab, gateway.name), std::string(kNetworkLink)};
  link.master = bridge;
  link.isolated = true;
  link.forwards = true;
  link.alias = alias(model, fmt::format("virtualNetworkGateways/{}", gateway.name));
  router.links.emplace(gateway_port_name(gateway.name), std::move(link));
  const auto address = *gateway.private_ip_address;
  router.neighbours.insert({bridge, address, mac_address(*find_subnet(network, kGatewaySubnet), address), gateway_port_name(gateway.name)});

  const auto spokes = spokes_of(model, gateway);
  if (spokes.empty()) return;
  const auto table = table_of(*find_subnet(network, kGatewaySubnet)) + 1;
  for (const auto* spoke : spokes) router.rules.insert({kRulePriority, peering_link_name(spoke->name), table});
  for (const auto& block : network.address_space)
    router.routes.insert({.table = table, .destination = block, .type = RouteType::Throw, .device = {}, .gateway = {}});
  const auto hop = hop_to_gateway(model, network, gateway);
  router.routes.insert(
      {.table = table, .destination = kEverything, .type = RouteType::Unicast, .device = hop.device, .gateway = hop.gateway});
}

}  // namespace

Ipv4Address router_address(const VirtualNetwork& network) {
  return {kLinkLocal.first().value | (network.default_outbound_address->value & 0xffffU)};
}

Ipv4Address internet_address() { return {kLinkLocal.first().value + 1}; }

Ipv4Prefix prefix_of(const Subnet& subnet, Ipv4Address address) {
  const auto found = std::ranges::find_if(subnet.address_prefixes, [&](const Ipv4Prefix& prefix) { return prefix.contains(address); });
  return found == subnet.address_prefixes.end() ? Ipv4Prefix{} : *found;
}

unsigned shard_of(const Subnet& subnet, Ipv4Address address) {
  std::uint64_t before = 0;
  for (const auto& prefix : subnet.address_prefixes) {
    if (prefix.contains(address)) return static_cast<unsigned>((before + address.value - prefix.first().value) / kPortsPerBridge);
    before += prefix.size();
  }
  return 0;
}

MacAddress mac_address(const Subnet& subnet, Ipv4Address address) {
  const auto octet = [&](unsigned shift) { return static_cast<std::uint8_t>(address.value >> shift); };
  const auto first_octet = subnet.address_prefixes.front().address.value >> 24U;
  const bool three_octets_tell = std::ranges::all_of(
      subnet.address_prefixes, [&](const Ipv4Prefix& prefix) { return prefix.length >= 8 && prefix.address.value >> 24U == first_octet; });
  if (three_octets_tell) return {{0x00, 0x0d, 0x3a, octet(16), octet(8), octet(0)}};
  return {{0x02, 0x0d, octet(24), octet(16), octet(8), octet(0)}};
}

std::map<std::string, std::string> forwarding_sysctls() { return {{"ipv4/ip_forward", "1"}}; }

std::pair<std::string, std::string> no_second_look_at_senders() { return {"ipv4/conf/all/accept_local", "1"}; }

netns::Namespace build_router(const Model& model, const VirtualNetwork& network) {
  netns::Namespace router;
  router.custody = netns::Custody::Exclusive;
  router.sysctls = forwarding_sysctls();
  router.sysctls.insert(no_second_look_at_senders());
  const Appliances appliances(model, network);
  for (const auto& subnet : network.subnets) add_subnet(model, network, subnet, appliances, router);
  for (const auto& machine : model.virtual_machines) {
    if (same_name(machine.subnet.virtual_network, network.name))
      add_machine(model, network, *find_subnet(network, machine.subnet.subnet), machine, router);
  }
  if (const auto* gateway = gateway_in(model, network.name)) add_gateway(model, network, *gateway, router);
  add_link(router, network, std::string(kEdgeLink), {namespace_name(model.lab, kInternetNode), internet_to_network_name(network.name)},
           alias(model, "internet"));
  for (const auto& peering : network.peerings) {
    if (peering.peering_state != PeeringState::Connected) continue;
    const auto& remote = *find_virtual_network(model, peering.remote_virtual_network);
    add_link(router, network, peering_link_name(remote.name), {namespace_name(model.lab, remote.name), peering_link_name(network.name)},
             alias(model, fmt::format("virtualNetworks/{}/virtualNetworkPeerings/{}", network.name, peering.name)));
  }
  add_backbone(model, network, router);
  const auto transits = transits_of(model, network);
  add_transits(model, network, transits, router);
  for (const auto& block : network.address_space) {
    const bool is_a_subnet = std::ranges::any_of(network.subnets, [&](const Subnet& subnet) {
      return std::ranges::find(subnet.address_prefixes, block) != subnet.address_prefixes.end();
    });
    if (!is_a_subnet)
      router.routes.insert({.table = kMainTable, .destination = block, .type = RouteType::Blackhole, .device = {}, .gateway = {}});
  }
  router.routes.insert({.table = kMainTable, .destination = kEverything, .type = RouteType::Blackhole, .device = {}, .gateway = {}});
  router.ruleset = router_ruleset(model, network, transits);
  return router;
}

}  // namespace emu
