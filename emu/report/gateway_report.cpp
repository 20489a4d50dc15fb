// SPDX-License-Identifier: Apache-2.0
#include "emu/report/gateway_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "emu/model/gateway_lookup.hpp"
#include "emu/report/table.hpp"

namespace emu {
namespace {

constexpr std::size_t kIndent = 2;

std::string text(const std::optional<Ipv4Address>& address) { return address ? to_string(*address) : ""; }

/// The site at the other end where it is known, otherwise the local network gateway; or the peer gateway.
const std::string& other_end(const Model& model, const VirtualNetworkGatewayConnection& connection) {
  if (!connection.peer_virtual_network_gateway.empty()) return connection.peer_virtual_network_gateway;
  const auto* local = find_local_network_gateway(model, connection.local_network_gateway);
  const auto* site = local == nullptr ? nullptr : site_behind(model, *local);
  return site == nullptr ? connection.local_network_gateway : site->name;
}

}  // namespace

ConnectionStatus status_of(const std::vector<ConnectionStatus>& statuses, std::string_view connection) {
  const auto found = std::ranges::find_if(statuses, [&](const auto& status) { return same_name(status.name, connection); });
  if (found != statuses.end()) return *found;
  ConnectionStatus unknown;
  unknown.name = connection;
  return unknown;
}

std::string gateways_table(const Model& model) {
  if (model.virtual_network_gateways.empty()) return "";
  Table table(kIndent);
  table.add({"GATEWAY", "VNET", "VPN TYPE", "SKU", "PRIVATE", "PUBLIC"});
  for (const auto& gateway : model.virtual_network_gateways) {
    table.add({gateway.name, gateway.virtual_network, std::string(to_string(gateway.vpn_type)), gateway.sku,
               text(gateway.private_ip_address), text(gateway.public_ip_address)});
  }
  return table.text();
}

std::string connections_table(const Model& model, const std::vector<ConnectionStatus>& statuses) {
  if (model.virtual_network_gateway_connections.empty()) return "";
  Table table(kIndent);
  table.add({"CONNECTION", "GATEWAY", "TO", "STATUS", "BYTES IN", "BYTES OUT"});
  for (const auto& connection : model.virtual_network_gateway_connections) {
    const auto status = status_of(statuses, connection.name);
    table.add({connection.name, connection.virtual_network_gateway, other_end(model, connection),
               std::string(to_string(status.connection_status)), std::to_string(status.ingress_bytes), std::to_string(status.egress_bytes),
               status.reason});
  }
  return table.text();
}

std::string connections_summary(const Model& model, const std::vector<ConnectionStatus>& statuses) {
  Table table(kIndent);
  for (const auto& connection : model.virtual_network_gateway_connections) {
    const auto status = status_of(statuses, connection.name);
    table.add({fmt::format("{} <-> {}", connection.virtual_network_gateway, other_end(model, connection)),
               fmt::format("VPN {} ({}){}{}", to_string(status.connection_status), connection.name, status.reason.empty() ? "" : ": ",
                           status.reason)});
  }
  return table.text();
}

}  // namespace emu
