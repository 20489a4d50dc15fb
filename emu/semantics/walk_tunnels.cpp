// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/walk_tunnels.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "emu/model/gateway_lookup.hpp"
#include "emu/semantics/addresses.hpp"
#include "emu/semantics/ipsec_proposals.hpp"

namespace emu {
namespace {

using Selectors = std::vector<std::pair<Ipv4Prefix, Ipv4Prefix>>;

Selectors every_pair(const std::vector<Ipv4Prefix>& local, const std::vector<Ipv4Prefix>& remote) {
  Selectors out;
  for (const auto& mine : local)
    for (const auto& yours : remote) out.emplace_back(mine, yours);
  return out;
}

/// VPN-19, VPN-20, VPN-21.
Selectors selectors_of(const Model& model, const VirtualNetworkGatewayConnection& connection) {
  const auto& gateway = *find_virtual_network_gateway(model, connection.virtual_network_gateway);
  if (!connection.use_policy_based_traffic_selectors && gateway.vpn_type == VpnType::RouteBased) return {{kEverything, kEverything}};
  if (connection.traffic_selector_policies.empty())
    return every_pair(connection.peer_virtual_network_gateway.empty() ? find_virtual_network(model, gateway.virtual_network)->address_space
                                                                      : prefixes_served_by(model, gateway),  // VPN-40
                      remote_prefixes_of(model, connection));
  std::vector<Ipv4Prefix> local;
  std::vector<Ipv4Prefix> remote;
  for (const auto& policy : connection.traffic_selector_policies) {
    local.insert(local.end(), policy.local_address_cidrs.begin(), policy.local_address_cidrs.end());
    remote.insert(remote.end(), policy.remote_address_cidrs.begin(), policy.remote_address_cidrs.end());
  }
  return every_pair(local, remote);
}

Selectors selectors_of(const OnPremises& site, const std::vector<Ipv4Prefix>& sent) {
  if (!site.use_policy_based_traffic_selectors) return {{kEverything, kEverything}};
  return every_pair(site.address_space, sent);
}

/// Those of `mine` that the other end has the other way round.
Selectors agreed(const Selectors& mine, const Selectors& yours) {
  Selectors out;
  for (const auto& [local, remote] : mine)
    if (std::ranges::find(yours, std::pair{remote, local}) != yours.end()) out.emplace_back(local, remote);
  return out;
}

/// The proposals in a list, without what follows the second `-`: a group for renewed keys has no say in the first ones.
std::set<std::string> proposals(const std::string& list, bool whole) {
  std::set<std::string> out;
  for (std::size_t begin = 0; begin < list.size();) {
    const auto end = std::min(list.find(',', begin), list.size());
    auto one = list.substr(begin, end - begin);
    const auto second = one.find('-', one.find('-') + 1);
    if (!whole && second != std::string::npos) one.erase(second);
    out.insert(std::move(one));
    begin = end + 1;
  }
  return out;
}

bool have_one_in_common(const std::set<std::string>& a, const std::set<std::string>& b) {
  return std::ranges::any_of(a, [&](const auto& one) { return b.contains(one); });
}

bool policies_fit(const std::optional<IpsecPolicy>& a, const std::optional<IpsecPolicy>& b) {
  return have_one_in_common(proposals(ike_proposals(a), true), proposals(ike_proposals(b), true)) &&
         have_one_in_common(proposals(esp_proposals(a), false), proposals(esp_proposals(b), false));
}

std::string why_not(const Secret& key, const Secret& other_key, ConnectionMode mode, ConnectionMode other_mode,
                    const std::optional<IpsecPolicy>& policy, const std::optional<IpsecPolicy>& other_policy) {
  if (key != other_key) return "the two ends have different shared keys (VPN-31)";
  if (mode == other_mode && mode != ConnectionMode::Default) return "no end starts, or none answers (VPN-33)";
  if (!policies_fit(policy, other_policy)) return "the two ends have no proposal in common (VPN-16)";
  return {};
}

std::string why_not(const VirtualNetworkGatewayConnection& a, const OnPremises& b) {
  return why_not(a.shared_key, b.shared_key, a.connection_mode, b.connection_mode, a.ipsec_policy, b.ipsec_policy);
}

}  // namespace

bool TunnelPlace::carries(Ipv4Address source, Ipv4Address destination) const {
  return std::ranges::any_of(selectors, [&](const auto& pair) { return pair.first.contains(source) && pair.second.contains(destination); });
}

TunnelPlace gateway_end(const Model& model, const VirtualNetworkGatewayConnection& connection) {
  TunnelPlace end;
  end.connection = &connection;
  end.prefixes = remote_prefixes_of(model, connection);
  const auto& gateway = *find_virtual_network_gateway(model, connection.virtual_network_gateway);
  const auto mine = selectors_of(model, connection);
  if (const auto* local = find_local_network_gateway(model, connection.local_network_gateway)) {
    if (!gateway.default_local_network_gateway.empty() && same_name(gateway.default_local_network_gateway, local->name))
      end.prefixes.push_back(kEverything);  // DEF-5
    if (const auto* site = site_behind(model, *local)) {
      end.why_not = why_not(connection, *site);
      end.selectors = agreed(mine, selectors_of(*site, prefixes_sent_by(model, *site, gateway)));
      return end;
    }
  }
  if (const auto* other = counterpart_of(model, connection)) {
    end.why_not = why_not(connection.shared_key, other->shared_key, connection.connection_mode, other->connection_mode,
                          connection.ipsec_policy, other->ipsec_policy);
    end.selectors = agreed(mine, selectors_of(model, *other));
  } else {
    end.why_not = gateway_at_other_end(model, connection) == nullptr ? "nobody has the address of its other end"
                                                                     : "no connection leads back (VPN-40)";
  }
  return end;
}

TunnelPlace site_end(const Model& model, const VirtualNetworkGatewayConnection& connection, const OnPremises& site) {
  TunnelPlace end;
  end.connection = &connection;
  const auto& gateway = *find_virtual_network_gateway(model, connection.virtual_network_gateway);
  end.prefixes = prefixes_sent_by(model, site, gateway);
  end.why_not = why_not(connection, site);
  end.selectors = agreed(selectors_of(site, end.prefixes), selectors_of(model, connection));
  return end;
}

}  // namespace emu
