// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "emu/model/gateway_lookup.hpp"
#include "emu/model/wording.hpp"
#include "emu/semantics/rules.hpp"

namespace emu {
namespace {

using Connection = VirtualNetworkGatewayConnection;

/// Whether no end would start, or none would answer (VPN-33).
bool never_meet(ConnectionMode a, ConnectionMode b) { return a == b && a != ConnectionMode::Default; }

class ConnectionRules {
 public:
  ConnectionRules(const Subject& subject, Findings& findings)
      : subject_(subject), model_(subject.model), connections_(model_.virtual_network_gateway_connections), findings_(findings) {}

  void check() {
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      if (!check_references(i)) continue;
      check_selectors(i);
      check_peer_timeout(i);
      check_second_tunnel(i);
      if (gateway_at_other_end(model_, connections_[i]) != nullptr)
        check_counterpart(i);
      else
        check_site(i);
    }
  }

 private:
  std::string path_of(std::size_t i, std::string_view property) const { return fmt::format("{}.{}", connection_path(i), property); }

  /// The property that names it.
  static std::string_view other_end_of(const Connection& connection) {
    return connection.peer_virtual_network_gateway.empty() ? "local_network_gateway" : "peer_virtual_network_gateway";
  }

  /// @return whether all that the connection names is there
  bool check_references(std::size_t i) {
    const auto& connection = connections_[i];
    const bool gateway =
        refers(i, "virtual_network_gateway", connection.virtual_network_gateway, "virtual network gateway", subject_.gateways);
    const bool local =
        refers(i, "local_network_gateway", connection.local_network_gateway, "local network gateway", subject_.local_gateways);
    const bool peer =
        refers(i, "peer_virtual_network_gateway", connection.peer_virtual_network_gateway, "virtual network gateway", subject_.gateways);
    if (!gateway || connection.virtual_network_gateway.empty() || !local || !peer) return false;
    const auto* other = gateway_at_other_end(model_, connection);
    if (other == nullptr || !same_name(connection.virtual_network_gateway, other->name)) return true;
    findings_.error(path_of(i, other_end_of(connection)),
                    fmt::format("gateway {} cannot be connected to itself", in_quotes(connection.virtual_network_gateway)));
    return false;
  }

  /// What is not written names nothing that could be missing.
  bool refers(std::size_t i, std::string_view property, const std::string& name, std::string_view what, const NameIndex& index) {
    if (name.empty() || index.find(name)) return true;
    findings_.missing(path_of(i, property), {what},
                      fmt::format("there is no {} {}{}", what, in_quotes(name), findings_.guess(name, index.names())));
    return false;
  }

  /// VPN-12.
  void check_peer_timeout(std::size_t i) {
    constexpr std::uint32_t kShortest = 9;
    constexpr std::uint32_t kLongest = 3600;
    const auto timeout = connections_[i].dpd_timeout_seconds;
    if (timeout < kShortest || timeout > kLongest)
      findings_.error(path_of(i, "dpd_timeout_seconds"),
                      fmt::format("'dpd_timeout_seconds' is {} to {}, not {}", kShortest, kLongest, timeout));
  }

  /// VPN-8, VPN-20, VPN-21.
  void check_selectors(std::size_t i) {
    const auto& connection = connections_[i];
    const auto* gateway = find_virtual_network_gateway(model_, connection.virtual_network_gateway);
    if (gateway->vpn_type == VpnType::PolicyBased && !connection.peer_virtual_network_gateway.empty())
      findings_.error(path_of(i, "virtual_network_gateway"),
                      fmt::format("gateway {} is PolicyBased and cannot be connected to another network", in_quotes(gateway->name)));
    if (connection.use_policy_based_traffic_selectors && !connection.ipsec_policy)
      findings_.error(path_of(i, "use_policy_based_traffic_selectors"),
                      fmt::format("connection {} needs an ipsec_policy to use policy-based traffic selectors", in_quotes(connection.name)));
    if (!connection.traffic_selector_policies.empty() && !connection.use_policy_based_traffic_selectors)
      findings_.error(path_of(i, "traffic_selector_policies"),
                      fmt::format("connection {} has traffic selector policies and does not use policy-based traffic selectors",
                                  in_quotes(connection.name)),
                      "", "add use_policy_based_traffic_selectors: true");
  }

  void check_site(std::size_t i) {
    const auto* local = find_local_network_gateway(model_, connections_[i].local_network_gateway);
    const auto* site = local == nullptr ? nullptr : site_behind(model_, *local);
    if (site != nullptr)
      compare(i, connections_[i], fmt::format("site {}", in_quotes(site->name)), site->shared_key, site->connection_mode);
  }

  /// What a connection leads to: two that lead to the same are two tunnels between the same two ends.
  struct OtherEnd {
    const VirtualNetworkGateway* gateway = nullptr;
    const OnPremises* site = nullptr;
    const LocalNetworkGateway* local = nullptr;  ///< when neither is known

    bool operator==(const OtherEnd&) const = default;
  };

  OtherEnd end_of(const Connection& connection) const {
    if (const auto* gateway = gateway_at_other_end(model_, connection)) return {gateway, nullptr, nullptr};
    const auto* local = find_local_network_gateway(model_, connection.local_network_gateway);
    const auto* site = local == nullptr ? nullptr : site_behind(model_, *local);
    return {nullptr, site, site == nullptr ? local : nullptr};
  }

  /// VPN-26.
  void check_second_tunnel(std::size_t i) {
    const auto& connection = connections_[i];
    const auto end = end_of(connection);
    if (end == OtherEnd{}) return;
    const auto first = std::ranges::find_if(connections_, [&](const Connection& other) {
      return same_name(other.virtual_network_gateway, connection.virtual_network_gateway) && end_of(other) == end;
    });
    if (&*first == &connection) return;
    if (end.gateway != nullptr)
      return findings_.error(path_of(i, other_end_of(connection)),
                             fmt::format("{} is connected to {} by {} already", in_quotes(connection.virtual_network_gateway),
                                         in_quotes(end.gateway->name), in_quotes(first->name)));
    findings_.error(
        path_of(i, "local_network_gateway"),
        fmt::format("gateway {} has a tunnel to the site behind {} already: connection {}", in_quotes(connection.virtual_network_gateway),
                    in_quotes(connection.local_network_gateway), in_quotes(first->name)),
        "", "two tunnels to one site need BGP on both, which Lazuli does not have");
  }

  /// VPN-40: each direction is a connection of its own, of the same type.
  void check_counterpart(std::size_t i) {
    const auto& connection = connections_[i];
    const auto& peer = gateway_at_other_end(model_, connection)->name;
    const auto* other = counterpart_of(model_, connection);
    if (other == nullptr)
      findings_.warning(
          connection_path(i),
          fmt::format("connection {} stays NotConnected: no connection leads back from {}", in_quotes(connection.name), in_quotes(peer)),
          "", way_back(connection, peer));
    else if (&connection > other)  // once for both
      compare(i, connection, fmt::format("connection {}", in_quotes(other->name)), other->shared_key, other->connection_mode);
  }

  static std::string way_back(const Connection& connection, std::string_view peer) {
    const auto gateway = printable(connection.virtual_network_gateway);
    if (!connection.peer_virtual_network_gateway.empty())
      return fmt::format("add one with virtual_network_gateway: {} and peer_virtual_network_gateway: {}", printable(peer), gateway);
    return fmt::format("add one with virtual_network_gateway: {} and a local_network_gateway that has the public address of {}",
                       printable(peer), gateway);
  }

  /// VPN-31, VPN-33: Azure takes ends that do not fit, and so does `up`.
  void compare(std::size_t i, const Connection& connection, const std::string& other, const Secret& key, ConnectionMode mode) {
    if (never_meet(connection.connection_mode, mode))
      findings_.warning(path_of(i, "connection_mode"), fmt::format("connection {} stays NotConnected: it and {} are both {}",
                                                                   in_quotes(connection.name), other, to_string(mode)));
    if (!key.empty() && !connection.shared_key.empty() && key != connection.shared_key)
      findings_.warning(path_of(i, "shared_key"),
                        fmt::format("connection {} stays NotConnected: {} has another shared key", in_quotes(connection.name), other));
  }

  const Subject& subject_;
  const Model& model_;
  const std::vector<Connection>& connections_;
  Findings& findings_;
};

/// VPN-32. What is wrong with a key must not give it away, not even in part.
void check_key(const std::string& path, std::string_view owner, const Secret& key, Findings& findings) {
  constexpr std::size_t kLongestKey = 128;
  const auto allowed = [](char c) { return c > ' ' && c < '~'; };  // and '-', which Azure takes, whatever its FAQ says
  if (key.reveal().size() > kLongestKey)
    findings.error(path, fmt::format("the shared key of {} has more than {} characters", owner, kLongestKey));
  else if (!std::ranges::all_of(key.reveal(), allowed))
    findings.error(path, fmt::format("the shared key of {} has characters that Azure does not take", owner), "",
                   "a key is made of printable ASCII characters except blank and '~'");
}

}  // namespace

void check_connections(const Subject& subject, Findings& findings) {
  ConnectionRules(subject, findings).check();
  const auto path_of = [](const auto& resource, const std::string& path) {
    return path + (resource.shared_key_file.empty() ? ".shared_key" : ".shared_key_file");
  };
  const auto& connections = subject.model.virtual_network_gateway_connections;
  for (std::size_t i = 0; i < connections.size(); ++i)
    check_key(path_of(connections[i], connection_path(i)), "connection " + in_quotes(connections[i].name), connections[i].shared_key,
              findings);
  const auto& sites = subject.model.on_premises;
  for (std::size_t i = 0; i < sites.size(); ++i)
    check_key(path_of(sites[i], site_path(i)), "site " + in_quotes(sites[i].name), sites[i].shared_key, findings);
}

}  // namespace emu
