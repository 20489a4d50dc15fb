// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/subnet_table.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "emu/fabric/names.hpp"
#include "emu/fabric/router.hpp"
#include "emu/fabric/services.hpp"
#include "emu/model/gateway_lookup.hpp"
#include "emu/semantics/addresses.hpp"
#include "emu/semantics/next_hop.hpp"
#include "emu/semantics/route_precedence.hpp"

namespace emu {
namespace {

using netns::Route;
using netns::RouteType;

class SubnetTable {
 public:
  SubnetTable(const Model& model, const VirtualNetwork& network, const Subnet& subnet, const Appliances& appliances)
      : model_(model),
        network_(network),
        subnet_(subnet),
        appliances_(appliances),
        table_(table_of(subnet)),
        rows_(effective_routes(model, network, subnet)) {}

  std::vector<Route> routes() {
    for (const auto& [prefix, row] : routes_in_force(rows_)) set(prefix, *row);
    for (const auto& row : rows_) {
      if (row.next_hop_type == NextHopType::VirtualAppliance) deliver_to(row);
    }
    keep_platform_apart();
    std::vector<Route> out;
    out.reserve(routes_.size());
    for (auto& [prefix, route] : routes_) out.push_back(std::move(route));
    return out;
  }

 private:
  Route route(const Ipv4Prefix& prefix, RouteType type) const {
    return {.table = table_, .destination = prefix, .type = type, .device = {}, .gateway = {}};
  }

  void set(const Ipv4Prefix& prefix, const EffectiveRoute& row) {
    if (row.next_hop_type == NextHopType::VnetLocal) {
      routes_.insert_or_assign(prefix, route(prefix, RouteType::Throw));
    } else {
      set(prefix, hop_of(row));
    }
  }

  /// Without a hop a route to nowhere: dropped without a word, as everything that Azure drops (RT-3).
  void set(const Ipv4Prefix& prefix, std::optional<Hop> hop) {
    auto out = route(prefix, hop ? RouteType::Unicast : RouteType::Blackhole);
    if (hop) {
      out.device = std::move(hop->device);
      out.gateway = hop->gateway;
    }
    routes_.insert_or_assign(prefix, std::move(out));
  }

  std::optional<Hop> hop_of(const EffectiveRoute& row) const {
    switch (row.next_hop_type) {
      case NextHopType::VNetPeering:
      case NextHopType::VNetGlobalPeering: return hop_to_peer(*find_virtual_network(model_, row.remote_virtual_network));
      case NextHopType::Internet: return Hop{std::string(kEdgeLink), internet_address()};
      case NextHopType::VirtualAppliance: return hop_to_appliance(row);
      case NextHopType::VirtualNetworkGateway: return hop_to_gateway();
      case NextHopType::VirtualNetworkServiceEndpoint: return Hop{std::string(kBackboneLink), services_address()};
      default: return std::nullopt;
    }
  }

  static Hop hop_to_peer(const VirtualNetwork& remote) { return {peering_link_name(remote.name), router_address(remote)}; }

  std::optional<Hop> hop_to_appliance(const EffectiveRoute& row) const {
    if (row.next_hop_ip_address.empty()) return std::nullopt;
    const auto address = row.next_hop_ip_address.front();
    const auto appliance = appliances_.find(address);
    if (!appliance) return std::nullopt;
    if (appliance->network == &network_) return Hop{bridge_of(model_, *appliance->machine), address};
    return Hop{transit_start_name(address), router_address(*appliance->network)};
  }

  /// What a gateway itself sends is never sent back to it.
  std::optional<Hop> hop_to_gateway() const {
    const auto* gateway = gateway_for(model_, network_);
    if (gateway == nullptr || subnet_.name == kGatewaySubnet) return std::nullopt;
    return emu::hop_to_gateway(model_, network_, *gateway);
  }

  /// UDR-8: a machine that passes nothing on still gets what is addressed to itself, also when the route to it is via itself.
  void deliver_to(const EffectiveRoute& row) {
    if (row.next_hop_ip_address.empty()) return;
    const auto address = row.next_hop_ip_address.front();
    if (appliances_.find(address) || route_to(rows_, address) != &row) return;
    const Ipv4Prefix itself{address, 32};
    const auto holds_it = [&](const Ipv4Prefix& block) { return block.contains(address); };
    if (std::ranges::any_of(network_.address_space, holds_it)) {
      routes_.insert_or_assign(itself, route(itself, RouteType::Throw));
      return;
    }
    for (const auto& link : network_.peerings) {
      if (link.peering_state == PeeringState::Connected && std::ranges::any_of(link.remote_address_space, holds_it))
        set(itself, hop_to_peer(*find_virtual_network(model_, link.remote_virtual_network)));
    }
  }

  /// DEF-3: no route of a user's leads to the platform's own addresses, where nothing answers. Link-local are also the routers.
  void keep_platform_apart() {
    std::erase_if(routes_, [](const auto& entry) { return kLinkLocal.contains(entry.first); });
    set(kLinkLocal, std::nullopt);
    if (!subnet_.route_table.empty()) set(kPlatformHost, std::nullopt);
  }

  const Model& model_;
  const VirtualNetwork& network_;
  const Subnet& subnet_;
  const Appliances& appliances_;
  std::uint32_t table_;
  std::vector<EffectiveRoute> rows_;
  std::map<Ipv4Prefix, Route> routes_;
};

}  // namespace

Hop hop_to_gateway(const Model& model, const VirtualNetwork& network, const VirtualNetworkGateway& gateway) {
  if (same_name(gateway.virtual_network, network.name)) return {bridge_name(kGatewaySubnet, 0), *gateway.private_ip_address};
  const auto& hub = *find_virtual_network(model, gateway.virtual_network);
  return {peering_link_name(hub.name), router_address(hub)};
}

std::uint32_t table_of(const Subnet& subnet) { return subnet.address_prefixes.front().first().value; }

std::vector<Route> subnet_table(const Model& model, const VirtualNetwork& network, const Subnet& subnet, const Appliances& appliances) {
  return SubnetTable(model, network, subnet, appliances).routes();
}

}  // namespace emu
