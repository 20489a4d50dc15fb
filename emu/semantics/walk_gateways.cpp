// SPDX-License-Identifier: Apache-2.0
// Gateways, tunnels and the sites at their other ends (azure-semantics 6, PEER-19, DEF-5).
#include <fmt/format.h>

#include <algorithm>

#include "emu/semantics/addresses.hpp"
#include "emu/semantics/walk.hpp"

namespace emu {
namespace {

int longest_match(const std::vector<Ipv4Prefix>& prefixes, Ipv4Address address) {
  int longest = -1;
  for (const auto& prefix : prefixes)
    if (prefix.contains(address)) longest = std::max(longest, prefix.length);
  return longest;
}

/// The tunnel with the longest prefix for `address`, the first of equal ones; nullptr when there is none.
std::pair<const TunnelPlace*, int> best_tunnel(const std::vector<TunnelPlace>& tunnels, Ipv4Address address) {
  std::pair<const TunnelPlace*, int> best{nullptr, -1};
  for (const auto& tunnel : tunnels) {
    const int length = longest_match(tunnel.prefixes, address);
    if (length > best.second) best = {&tunnel, length};
  }
  return best;
}

}  // namespace

Walk::Next Walk::to_gateway(const NetworkPlace& network, const MachinePlace* sender) {
  const auto where = where_is(network);
  const auto* gateway = network.serving_gateway;
  if (gateway == nullptr) return lose(where, "has no gateway (UDR-12)");
  if (sender == nullptr) return lose(where, "a gateway sends nothing back to itself");
  if (gateway->network == &network) return gateway;
  const auto arrival = cross_peering(network, *gateway->network, sender);
  if (!arrival) return std::nullopt;
  remember(*gateway->network);
  if (*arrival == Arrival::Foreign && !is_known(*gateway->network))
    return lose(where_is(Place{gateway}), "the peering of its network has no allow_virtual_network_access (PEER-16)");
  return gateway;
}

Walk::Next Walk::leave_gateway(const GatewayPlace& gateway) {
  const auto where = where_is(Place{&gateway});
  const auto [tunnel, length] = best_tunnel(gateway.tunnels, packet_.destination);
  const int served = longest_match(gateway.serves, packet_.destination);
  if (served > length) {
    if (gateway.network->gateway_subnet == nullptr) return lose(where, "has no subnet");
    return follow(*gateway.network->gateway_subnet, nullptr);
  }
  if (tunnel == nullptr) return lose(where, fmt::format("has no tunnel for {} (VPN-22)", to_string(packet_.destination)));
  return enter_tunnel(*tunnel, where.node);
}

Walk::Next Walk::enter_tunnel(const TunnelPlace& tunnel, const std::string& node) {
  const Where where{fmt::format("connection {}", tunnel.connection->name), node};
  if (!tunnel.why_not.empty()) return lose(where, fmt::format("is not Connected: {}", tunnel.why_not));
  if (!tunnel.carries(packet_.source, packet_.destination))
    return lose(where,
                fmt::format("its selectors are not for {} to {} (VPN-20)", to_string(packet_.source), to_string(packet_.destination)));
  note(where, "in its tunnel");
  if (tunnel.to_site != nullptr) return tunnel.to_site;
  if (tunnel.to_gateway != nullptr) return tunnel.to_gateway;
  return lose(where, "nobody is at its other end");
}

/// The device knows its hosts, what it has tunnels for, and the internet.
Walk::Next Walk::leave_site(const SitePlace& place) {
  const auto& site = *place.site;
  const auto where = where_is(Place{&place});
  const auto to = packet_.destination;
  if (site.public_ip_address == to) return lose(where, "its device answers IKE and ESP only");
  const auto host = std::ranges::find_if(site.hosts, [&](const OnPremisesHost& h) { return h.ip_address == to; });
  if (host != site.hosts.end()) return SiteHostPlace{&place, &*host};
  const auto [tunnel, length] = best_tunnel(place.tunnels, to);
  const int own = longest_match(site.address_space, to);
  const int kept = std::max(own, longest_match({kPrivateRanges.begin(), kPrivateRanges.end()}, to));
  if (tunnel != nullptr && length >= kept) {
    note(where, fmt::format("sends {} into tunnel {}", to_string(to), tunnel->connection->name));
    return enter_tunnel(*tunnel, where.node);
  }
  if (own >= 0) return lose(where, fmt::format("nobody has {}", to_string(to)));
  if (kept >= 0) return lose(where, fmt::format("has no tunnel for {} (VPN-43)", to_string(to)));
  if (answering_) return lose(where, "an answer to what came by a tunnel has no way back through one");
  translate(&place, *site.public_ip_address);
  note(where, fmt::format("leaves for the internet as {}", to_string(packet_.source)));
  return cross_internet();
}

}  // namespace emu
