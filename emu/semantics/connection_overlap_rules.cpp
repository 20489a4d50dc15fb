// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "emu/model/gateway_lookup.hpp"
#include "emu/model/wording.hpp"
#include "emu/semantics/prefix_overlaps.hpp"
#include "emu/semantics/rules.hpp"

namespace emu {
namespace {

using Connection = VirtualNetworkGatewayConnection;

/// One side of a gateway: a network it serves, or what a connection leads to.
struct Reach {
  std::string name;  ///< "virtual network 'hub'", "local network gateway 'dc'"
  std::vector<Ipv4Prefix> prefixes;
  const Connection* connection = nullptr;  ///< nullptr for a network it serves
};

class OverlapRules {
 public:
  OverlapRules(const Subject& subject, Findings& findings)
      : model_(subject.model), connections_(model_.virtual_network_gateway_connections), findings_(findings) {}

  void check(const VirtualNetworkGateway& gateway) {
    const auto reaches = reaches_of(gateway);
    std::vector<OwnedPrefix> prefixes;
    for (std::size_t i = 0; i < reaches.size(); ++i) {
      for (const auto& prefix : reaches[i].prefixes) prefixes.push_back({prefix, i, 0});
    }
    std::set<std::pair<std::size_t, std::size_t>> reported;
    visit_overlaps(std::move(prefixes), [&](auto enclosing, const auto& inner) {
      for (const auto& outer : enclosing) {
        const auto& [earlier, later] = outer.owner < inner.owner ? std::pair(outer, inner) : std::pair(inner, outer);
        if (earlier.owner == later.owner || !is_fault(reaches[earlier.owner], reaches[later.owner])) continue;
        if (reported.emplace(earlier.owner, later.owner).second) report(reaches, earlier, later);
      }
      return false;
    });
  }

 private:
  /// Networks first, then connections: of two reaches that overlap, the later one is at fault.
  std::vector<Reach> reaches_of(const VirtualNetworkGateway& gateway) const {
    std::vector<Reach> reaches;
    for (const auto& network : model_.virtual_networks) {
      if (is_served(network, gateway)) reaches.push_back({"virtual network " + in_quotes(network.name), network.address_space, nullptr});
    }
    for (const auto* connection : connections_of(model_, gateway)) {
      const auto name = connection->peer_virtual_network_gateway.empty()
                            ? "local network gateway " + in_quotes(connection->local_network_gateway)
                            : "the network of gateway " + in_quotes(connection->peer_virtual_network_gateway);
      reaches.push_back({name, remote_prefixes_of(model_, *connection), connection});
      // The networks that use the peer gateway come with it (VPN-40), which needs states of peerings that there are none of yet.
      const auto* peer = find_virtual_network_gateway(model_, connection->peer_virtual_network_gateway);
      for (const auto& network : model_.virtual_networks) {
        if (peer != nullptr && !same_name(network.name, peer->virtual_network) && is_served(network, *peer))
          reaches.push_back({"virtual network " + in_quotes(network.name), network.address_space, connection});
      }
    }
    return reaches;
  }

  /// By what the file says alone: no peering has a state yet.
  static bool is_served(const VirtualNetwork& network, const VirtualNetworkGateway& gateway) {
    return same_name(network.name, gateway.virtual_network) || std::ranges::any_of(network.peerings, [&](const auto& link) {
             return link.use_remote_gateways && same_name(link.remote_virtual_network, gateway.virtual_network);
           });
  }

  /// Whether the later of two reaches is at fault, and nothing else says so.
  bool is_fault(const Reach& earlier, const Reach& later) const {
    if (later.connection == nullptr) return false;  // two networks: a matter of their peering
    if (earlier.connection != nullptr) return !have_one_end(*earlier.connection, *later.connection);
    const auto* peer = gateway_at_other_end(model_, *later.connection);
    if (peer != nullptr && same_name(peer->name, later.connection->virtual_network_gateway)) return false;  // refused by itself
    // Two networks that a Vnet2Vnet tunnel joins overlap each other from both ends: it is said once.
    const auto* back = later.connection->peer_virtual_network_gateway.empty() ? nullptr : counterpart_of(model_, *later.connection);
    return back == nullptr || back > later.connection;
  }

  /// Which is refused as a second tunnel.
  bool have_one_end(const Connection& a, const Connection& b) const {
    const auto* peer = gateway_at_other_end(model_, a);
    return (peer != nullptr && peer == gateway_at_other_end(model_, b)) ||
           (same_name(a.local_network_gateway, b.local_network_gateway) &&
            same_name(a.peer_virtual_network_gateway, b.peer_virtual_network_gateway));
  }

  void report(const std::vector<Reach>& reaches, const OwnedPrefix& earlier, const OwnedPrefix& later) {
    const auto& connection = *reaches[later.owner].connection;
    findings_.error(connection_path(static_cast<std::size_t>(&connection - connections_.data())),
                    fmt::format("connection {} cannot be: {} of {} overlaps {} of {}", in_quotes(connection.name), to_string(later.prefix),
                                reaches[later.owner].name, to_string(earlier.prefix), reaches[earlier.owner].name),
                    "ConnectionOverlappingAddressSpaces");
  }

  const Model& model_;
  const std::vector<Connection>& connections_;
  Findings& findings_;
};

}  // namespace

void check_connection_overlaps(const Subject& subject, Findings& findings) {
  OverlapRules rules(subject, findings);
  for (const auto& gateway : subject.model.virtual_network_gateways) rules.check(gateway);
}

}  // namespace emu
