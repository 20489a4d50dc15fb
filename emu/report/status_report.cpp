// SPDX-License-Identifier: Apache-2.0
#include "emu/report/status_report.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "emu/model/gateway_lookup.hpp"
#include "emu/report/cell_text.hpp"
#include "emu/report/gateway_report.hpp"
#include "emu/report/nodes_report.hpp"
#include "emu/report/services_report.hpp"
#include "emu/report/table.hpp"
#include "emu/report/terminal.hpp"
#include "emu/semantics/peering_state.hpp"

namespace emu {
namespace {

using Json = nlohmann::ordered_json;

/// `contoso  up  from /home/ann/lab.yaml, by ann`; below it what is amiss, and the way out.
std::string head_text(const Model& model, const StatusHead& head) {
  auto first = head.state.empty() ? model.lab : fmt::format("{}  {}", model.lab, head.state);
  if (!head.source.empty()) first += fmt::format("  from {}{}", head.source, head.user.empty() ? "" : ", by " + head.user);
  auto out = wrapped(first, 0, kIndent) + '\n';
  for (const auto& one : head.amiss) out += wrapped(one, kIndent, 2 * kIndent) + '\n';
  if (!head.way_out.empty()) out += wrapped(head.way_out, kIndent, 2 * kIndent) + '\n';
  return out;
}

std::string networks_table(const Model& model) {
  if (model.virtual_networks.empty()) return "";
  Table table(kIndent);
  table.add({"VNET", "LOCATION", "ADDRESS SPACE", "SUBNET", "PREFIX"});
  for (const auto& network : model.virtual_networks) {
    std::vector<std::pair<std::string, std::string>> subnets;
    for (const auto& subnet : network.subnets) {
      for (std::size_t i = 0; i < subnet.address_prefixes.size(); ++i)
        subnets.emplace_back(i == 0 ? subnet.name : "", to_string(subnet.address_prefixes[i]));
    }
    const auto lines = std::max({std::size_t{1}, network.address_space.size(), subnets.size()});
    for (std::size_t i = 0; i < lines; ++i) {
      table.add({i == 0 ? network.name : "", i == 0 ? network.location : "",
                 i < network.address_space.size() ? to_string(network.address_space[i]) : "", i < subnets.size() ? subnets[i].first : "",
                 i < subnets.size() ? subnets[i].second : ""});
    }
  }
  return table.text();
}

std::string peerings_table(const Model& model) {
  Table table(kIndent);
  bool any = false;
  table.add({"PEERING", "VNET", "REMOTE VNET", "STATE", "SYNC LEVEL"});
  for (const auto& network : model.virtual_networks) {
    for (const auto& link : network.peerings) {
      any = true;
      table.add({link.name, network.name, link.remote_virtual_network, std::string(to_string(link.peering_state)),
                 std::string(to_string(link.peering_sync_level)), why_not_connected(model, network, link)});
    }
  }
  return any ? table.text() : "";
}

std::vector<std::string> texts(const std::vector<Ipv4Prefix>& prefixes) {
  std::vector<std::string> out;
  out.reserve(prefixes.size());
  for (const auto& prefix : prefixes) out.push_back(to_string(prefix));
  return out;
}

Json json_of(const std::optional<Ipv4Address>& address) { return address ? Json(to_string(*address)) : Json(); }

Json json_of(const VirtualNetwork& network) {
  auto subnets = Json::array();
  for (const auto& subnet : network.subnets) {
    Json out{{"name", subnet.name}};
    if (subnet.address_prefixes.size() == 1) {
      out["addressPrefix"] = to_string(subnet.address_prefixes.front());
    } else {
      out["addressPrefixes"] = texts(subnet.address_prefixes);
    }
    subnets.push_back(std::move(out));
  }
  auto peerings = Json::array();
  for (const auto& link : network.peerings) {
    peerings.push_back({{"name", link.name},
                        {"remoteVirtualNetwork", link.remote_virtual_network},
                        {"peeringState", to_string(link.peering_state)},
                        {"peeringSyncLevel", to_string(link.peering_sync_level)}});
  }
  return {{"name", network.name},
          {"location", network.location},
          {"addressSpace", {{"addressPrefixes", texts(network.address_space)}}},
          {"subnets", std::move(subnets)},
          {"virtualNetworkPeerings", std::move(peerings)}};
}

Json json_of(const VirtualMachine& machine) {
  return {{"name", machine.name},
          {"subnet", text(machine.subnet)},
          {"privateIPAddress", json_of(machine.private_ip_address)},
          {"publicIPAddress", json_of(machine.public_ip_address)}};
}

Json json_of(const InternetHost& host) { return {{"name", host.name}, {"ipAddress", to_string(host.ip_address)}}; }

Json json_of(const VirtualNetworkGateway& gateway) {
  Json out{{"name", gateway.name},
           {"virtualNetwork", gateway.virtual_network},
           {"gatewayType", "Vpn"},
           {"vpnType", to_string(gateway.vpn_type)},
           {"sku", gateway.sku},
           {"privateIPAddress", json_of(gateway.private_ip_address)},
           {"publicIPAddress", json_of(gateway.public_ip_address)}};
  if (!gateway.default_local_network_gateway.empty()) out["gatewayDefaultSite"] = gateway.default_local_network_gateway;
  return out;
}

Json json_of(const OnPremisesHost& host) { return {{"name", host.name}, {"ipAddress", to_string(host.ip_address)}}; }

template <typename Resource>
Json json_of(const std::vector<Resource>& resources);

Json json_of(const OnPremises& site) {
  return {{"name", site.name},
          {"addressSpace", {{"addressPrefixes", texts(site.address_space)}}},
          {"publicIPAddress", json_of(site.public_ip_address)},
          {"hosts", json_of(site.hosts)}};
}

Json local_gateways_json(const Model& model) {
  auto out = Json::array();
  for (const auto& local : model.local_network_gateways) {
    out.push_back({{"name", local.name},
                   {"gatewayIpAddress", json_of(gateway_address_of(model, local))},
                   {"localNetworkAddressSpace", {{"addressPrefixes", texts(local.address_space)}}}});
  }
  return out;
}

/// ARM's form of a moment, in UTC.
std::string moment(std::chrono::system_clock::time_point when) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(when)));
}

/// The status is Azure's; what was negotiated, and why nothing was, is our own.
Json connections_json(const Model& model, const std::vector<ConnectionStatus>& statuses) {
  auto out = Json::array();
  for (const auto& connection : model.virtual_network_gateway_connections) {
    const auto status = status_of(statuses, connection.name);
    const bool to_network = !connection.peer_virtual_network_gateway.empty();
    Json json{{"name", connection.name},
              {"connectionType", to_network ? "Vnet2Vnet" : "IPsec"},
              {"virtualNetworkGateway1", connection.virtual_network_gateway},
              {to_network ? "virtualNetworkGateway2" : "localNetworkGateway2",
               to_network ? connection.peer_virtual_network_gateway : connection.local_network_gateway},
              {"connectionStatus", to_string(status.connection_status)},
              {"ingressBytesTransferred", status.ingress_bytes},
              {"egressBytesTransferred", status.egress_bytes}};
    if (status.established_since) json["lastConnectionEstablishedUtcTime"] = moment(*status.established_since);
    if (!status.ike_algorithms.empty()) json["ikeAlgorithms"] = status.ike_algorithms;
    if (!status.esp_algorithms.empty()) json["espAlgorithms"] = status.esp_algorithms;
    if (!status.reason.empty()) json["reason"] = status.reason;
    out.push_back(std::move(json));
  }
  return out;
}

template <typename Resource>
Json json_of(const std::vector<Resource>& resources) {
  auto out = Json::array();
  for (const auto& resource : resources) out.push_back(json_of(resource));
  return out;
}

}  // namespace

std::string status_text(const Model& model, const std::vector<ConnectionStatus>& connections, const StatusHead& head) {
  std::string out = head_text(model, head);
  for (const auto& part : {networks_table(model), peerings_table(model), gateways_table(model), connections_table(model, connections),
                           services_table(model), nodes_table(model)}) {
    if (!part.empty()) out.append(1, '\n').append(part);
  }
  return out;
}

std::string status_json(const Model& model, const std::vector<ConnectionStatus>& connections, const StatusHead& head) {
  Json out;
  out["lab"] = model.lab;
  if (!head.state.empty()) {
    out["state"] = head.state;
    out["amiss"] = head.amiss;
    out["file"] = head.source;
    out["user"] = head.user;
  }
  out["virtualNetworks"] = json_of(model.virtual_networks);
  out["virtualMachines"] = json_of(model.virtual_machines);
  out["virtualNetworkGateways"] = json_of(model.virtual_network_gateways);
  out["localNetworkGateways"] = local_gateways_json(model);
  out["connections"] = connections_json(model, connections);
  out["onPremises"] = json_of(model.on_premises);
  out["storageAccounts"] = services_json(model.storage_accounts);
  out["services"] = services_json(model.services);
  out["internetHosts"] = json_of(model.internet.hosts);
  return out.dump(2) + '\n';
}

}  // namespace emu
