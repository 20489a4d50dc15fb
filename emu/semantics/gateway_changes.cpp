// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/gateway_changes.hpp"

#include <fmt/format.h>

#include "emu/semantics/differences.hpp"

namespace emu {
namespace {

using differences::Differences;
using differences::name_of;
using differences::Pair;
using differences::pairs_by_name;
using differences::text;

std::string text_of(const std::optional<IpsecPolicy>& policy) {
  if (!policy) return "Azure's defaults";
  return fmt::format("{}/{}/{}, {}/{}/{}, {} s, {} KB", policy->ike_encryption, policy->ike_integrity, policy->dh_group,
                     policy->ipsec_encryption, policy->ipsec_integrity, policy->pfs_group, policy->sa_lifetime, policy->sa_datasize);
}

std::string text_of(const std::vector<TrafficSelectorPolicy>& policies) {
  std::string out;
  for (const auto& policy : policies)
    out += fmt::format("{}{} to {}", out.empty() ? "" : ", ", text(policy.local_address_cidrs), text(policy.remote_address_cidrs));
  return text(out);
}

/// What a connection and a site have in common: an end of a tunnel.
template <typename End>
void compare_ends(const End& before, const End& after, Differences& differences) {
  if (before.shared_key != after.shared_key) differences.say("shared key: changed");
  if (before.ipsec_policy != after.ipsec_policy)
    differences.say(fmt::format("ipsec policy: {} -> {}", text_of(before.ipsec_policy), text_of(after.ipsec_policy)));
  differences.compare("policy-based traffic selectors", before.use_policy_based_traffic_selectors,
                      after.use_policy_based_traffic_selectors);
  if (before.connection_mode != after.connection_mode)
    differences.say(fmt::format("connection mode: {} -> {}", to_string(before.connection_mode), to_string(after.connection_mode)));
}

std::string describe(const VirtualNetworkGateway& gateway) {
  return fmt::format("{} {} in '{}', {}, public {}", to_string(gateway.vpn_type), gateway.sku, gateway.virtual_network,
                     text(gateway.private_ip_address), text(gateway.public_ip_address));
}

std::string describe(const LocalNetworkGateway& local) { return fmt::format("{}, {}", local.gateway_address, text(local.address_space)); }

std::string describe(const VirtualNetworkGatewayConnection& connection) {
  const bool to_network = !connection.peer_virtual_network_gateway.empty();
  return fmt::format("'{}' to '{}', {}", connection.virtual_network_gateway,
                     to_network ? connection.peer_virtual_network_gateway : connection.local_network_gateway,
                     to_network ? "Vnet2Vnet" : "IPsec");
}

std::string describe(const OnPremises& site) {
  return fmt::format("{}, public {}", text(site.address_space), text(site.public_ip_address));
}

std::string describe(const OnPremisesHost& host) { return text(host.ip_address); }

void compare(const VirtualNetworkGateway& before, const VirtualNetworkGateway& after, Differences& differences) {
  differences.compare("virtual network", before.virtual_network, after.virtual_network);
  if (before.vpn_type != after.vpn_type)
    differences.say(fmt::format("vpn type: {} -> {}", to_string(before.vpn_type), to_string(after.vpn_type)));
  differences.compare("sku", before.sku, after.sku);
  differences.compare("address", before.private_ip_address, after.private_ip_address);
  differences.compare("public address", before.public_ip_address, after.public_ip_address);
  differences.compare("public address allocation", before.public_ip_allocation_method, after.public_ip_allocation_method);
  differences.compare("default local network gateway", before.default_local_network_gateway, after.default_local_network_gateway);
}

void compare(const LocalNetworkGateway& before, const LocalNetworkGateway& after, Differences& differences) {
  differences.compare("gateway address", before.gateway_address, after.gateway_address);
  differences.compare("address space", before.address_space, after.address_space);
}

void compare(const VirtualNetworkGatewayConnection& before, const VirtualNetworkGatewayConnection& after, Differences& differences) {
  differences.compare("virtual network gateway", before.virtual_network_gateway, after.virtual_network_gateway);
  differences.compare("local network gateway", before.local_network_gateway, after.local_network_gateway);
  differences.compare("peer virtual network gateway", before.peer_virtual_network_gateway, after.peer_virtual_network_gateway);
  compare_ends(before, after, differences);
  if (before.traffic_selector_policies != after.traffic_selector_policies)
    differences.say(fmt::format("traffic selector policies: {} -> {}", text_of(before.traffic_selector_policies),
                                text_of(after.traffic_selector_policies)));
  if (before.dpd_timeout_seconds != after.dpd_timeout_seconds)
    differences.say(fmt::format("dpd timeout seconds: {} -> {}", before.dpd_timeout_seconds, after.dpd_timeout_seconds));
}

void compare(const OnPremises& before, const OnPremises& after, Differences& differences) {
  differences.compare("address space", before.address_space, after.address_space);
  differences.compare("public address", before.public_ip_address, after.public_ip_address);
  compare_ends(before, after, differences);
  differences.compare("remote address space", before.remote_address_space, after.remote_address_space);
}

void compare(const OnPremisesHost& before, const OnPremisesHost& after, Differences& differences) {
  differences.compare("address", before.ip_address, after.ip_address);
  differences.compare("web", before.web, after.web);
  compare_programs(before.programs, after.programs, differences);
}

template <typename Resource>
void add_change(const Pair<Resource>& pair, const std::string& what, std::vector<Change>& out) {
  const auto name = what + name_of(pair);
  auto change = differences::come_or_gone(pair, name, [](const auto& resource) { return describe(resource); });
  if (!change) {
    Differences differences;
    compare(*pair.before, *pair.after, differences);
    change = differences.as_change(name);
  }
  if (change) out.push_back(*std::move(change));
}

template <typename Resource>
void add_changes(const std::vector<Resource>& before, const std::vector<Resource>& after, const std::string& what,
                 std::vector<Change>& out) {
  for (const auto& pair : pairs_by_name(before, after)) add_change(pair, what, out);
}

}  // namespace

std::vector<Change> gateway_changes(const Model& before, const Model& after) {
  static const std::vector<OnPremisesHost> none;
  std::vector<Change> out;
  add_changes(before.virtual_network_gateways, after.virtual_network_gateways, "gateway ", out);
  add_changes(before.local_network_gateways, after.local_network_gateways, "local network gateway ", out);
  add_changes(before.virtual_network_gateway_connections, after.virtual_network_gateway_connections, "connection ", out);
  for (const auto& site : pairs_by_name(before.on_premises, after.on_premises)) {
    add_change(site, "site ", out);
    add_changes(site.before == nullptr ? none : site.before->hosts, site.after == nullptr ? none : site.after->hosts,
                fmt::format("site {} / host ", name_of(site)), out);
  }
  return out;
}

}  // namespace emu
