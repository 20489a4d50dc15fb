// SPDX-License-Identifier: Apache-2.0
#include "emu/model/model.hpp"

#include <algorithm>

#include "emu/model/find_by_name.hpp"
#include "emu/model/gateway_lookup.hpp"
#include "emu/model/name_key.hpp"
#include "emu/model/service_lookup.hpp"

namespace emu {

bool same_name(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower_case, lower_case); }

bool same_subnet(const SubnetReference& a, const SubnetReference& b) {
  return same_name(a.virtual_network, b.virtual_network) && same_name(a.subnet, b.subnet);
}

std::optional<std::string_view> named_by_public(std::string_view name) {
  constexpr std::string_view kPublic = ".public";
  if (name.size() <= kPublic.size() || !same_name(name.substr(name.size() - kPublic.size()), kPublic)) return std::nullopt;
  return name.substr(0, name.size() - kPublic.size());
}

bool is_lab_name(std::string_view name) {
  constexpr std::size_t kLongest = 20;
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= kLongest && name.front() != '-' && std::ranges::all_of(name, allowed);
}

std::string_view to_string(PeeringState state) {
  switch (state) {
    case PeeringState::Initiated: return "Initiated";
    case PeeringState::Connected: return "Connected";
    case PeeringState::Disconnected: return "Disconnected";
  }
  return "";
}

std::string_view to_string(PeeringSyncLevel level) {
  switch (level) {
    case PeeringSyncLevel::FullyInSync: return "FullyInSync";
    case PeeringSyncLevel::RemoteNotInSync: return "RemoteNotInSync";
    case PeeringSyncLevel::LocalNotInSync: return "LocalNotInSync";
    case PeeringSyncLevel::LocalAndRemoteNotInSync: return "LocalAndRemoteNotInSync";
  }
  return "";
}

std::string_view to_string(CheckKind kind) {
  switch (kind) {
    case CheckKind::Ping: return "ping";
    case CheckKind::Tcp: return "tcp";
    case CheckKind::Udp: return "udp";
    case CheckKind::Http: return "http";
    case CheckKind::Run: return "run";
  }
  return "";
}

std::string_view to_string(Path path) {
  switch (path) {
    case Path::VirtualNetwork: return "vnet";
    case Path::Peering: return "peering";
    case Path::ServiceEndpoint: return "service-endpoint";
    case Path::Ipsec: return "ipsec";
    case Path::Internet: return "internet";
    case Path::Appliance: return "appliance";
  }
  return "";
}

std::string expectation(const Check& check) {
  switch (check.expect) {
    case Outcome::Reachable: return "reachable";
    case Outcome::Blocked: return "blocked";
    case Outcome::Refused: return "refused";
    case Outcome::Status: return (check.kind == CheckKind::Run ? "status " : "") + std::to_string(check.expected_status);
  }
  return "";
}

const VirtualNetwork* find_virtual_network(const Model& model, std::string_view name) { return find_by_name(model.virtual_networks, name); }

const Subnet* find_subnet(const VirtualNetwork& network, std::string_view name) { return find_by_name(network.subnets, name); }

const Subnet* find_subnet(const Model& model, const SubnetReference& reference) {
  const auto* network = find_virtual_network(model, reference.virtual_network);
  return network == nullptr ? nullptr : find_subnet(*network, reference.subnet);
}

const VirtualMachine* find_virtual_machine(const Model& model, std::string_view name) { return find_by_name(model.virtual_machines, name); }

const RouteTable* find_route_table(const Model& model, std::string_view name) { return find_by_name(model.route_tables, name); }

const NetworkSecurityGroup* find_network_security_group(const Model& model, std::string_view name) {
  return find_by_name(model.network_security_groups, name);
}

const InternetHost* find_internet_host(const Model& model, std::string_view name) { return find_by_name(model.internet.hosts, name); }

const VirtualNetworkPeering* find_peering_to(const VirtualNetwork& network, std::string_view remote) {
  const auto found =
      std::ranges::find_if(network.peerings, [&](const auto& link) { return same_name(link.remote_virtual_network, remote); });
  return found == network.peerings.end() ? nullptr : &*found;
}

std::optional<Ipv4Address> address_of(const Model& model, std::string_view name) {
  if (const auto literal = Ipv4Address::parse(name)) return literal;
  if (const auto* machine = find_virtual_machine(model, name)) return machine->private_ip_address;
  if (const auto* host = find_internet_host(model, name)) return host->ip_address;
  if (const auto* host = find_on_premises_host(model, name)) return host->ip_address;
  if (const auto* site = find_site(model, name)) return site->public_ip_address;
  if (const auto* service = find_service(model, name)) return service->address;
  if (const auto node = named_by_public(name)) {
    if (const auto* machine = find_virtual_machine(model, *node)) return machine->public_ip_address;
    if (const auto* gateway = find_virtual_network_gateway(model, *node)) return gateway->public_ip_address;
  }
  return std::nullopt;
}

}  // namespace emu
