// SPDX-License-Identifier: Apache-2.0
#include "emu/report/gateway_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "emu/model/gateway_lookup.hpp"
#include "emu/report/cell_text.hpp"
#include "emu/report/table.hpp"
#include "emu/report/terminal.hpp"

namespace emu {
namespace {

/// The gateway or site at the other end where it is known, otherwise the local network gateway.
const std::string& other_end(const Model& model, const VirtualNetworkGatewayConnection& connection) {
  if (const auto* peer = gateway_at_other_end(model, connection)) return peer->name;
  const auto* local = find_local_network_gateway(model, connection.local_network_gateway);
  const auto* site = local == nullptr ? nullptr : site_behind(model, *local);
  return site == nullptr ? connection.local_network_gateway : site->name;
}

/// Beneath each row what is amiss there, which may be too long for a column: its parts, each on a line of its own.
std::string with_reasons(const Table& table, const std::vector<std::string>& reasons) {
  constexpr std::string_view kBetween = "; ";
  const auto lines = table.lines();
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out.append(lines[i]).append(1, '\n');
    for (std::string_view left = reasons[i]; !left.empty();) {
      const auto end = std::min(left.find(kBetween), left.size());
      out += wrapped(left.substr(0, end), 3 * kIndent, 4 * kIndent) + '\n';
      left.remove_prefix(std::min(end + kBetween.size(), left.size()));
    }
  }
  return out;
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
  std::vector<std::string> reasons{""};
  for (const auto& connection : model.virtual_network_gateway_connections) {
    const auto status = status_of(statuses, connection.name);
    table.add({connection.name, connection.virtual_network_gateway, other_end(model, connection),
               std::string(to_string(status.connection_status)), std::to_string(status.ingress_bytes),
               std::to_string(status.egress_bytes)});
    reasons.push_back(status.reason);
  }
  return with_reasons(table, reasons);
}

std::string connections_summary(const Model& model, const std::vector<ConnectionStatus>& statuses) {
  Table table(kIndent);
  std::vector<std::string> reasons;
  for (const auto& connection : model.virtual_network_gateway_connections) {
    const auto status = status_of(statuses, connection.name);
    table.add({fmt::format("{} <-> {}", connection.virtual_network_gateway, other_end(model, connection)),
               fmt::format("VPN {} ({})", to_string(status.connection_status), connection.name)});
    reasons.push_back(status.reason);
  }
  return with_reasons(table, reasons);
}

}  // namespace emu
