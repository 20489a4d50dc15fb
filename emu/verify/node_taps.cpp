// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/node_taps.hpp"

#include <algorithm>
#include <optional>

#include "emu/fabric/names.hpp"
#include "emu/fabric/services.hpp"
#include "emu/model/gateway_lookup.hpp"
#include "emu/model/service_lookup.hpp"
#include "netns/namespace/namespace.hpp"

namespace emu {

std::set<std::string> nodes_between(const Model& model) {
  std::set<std::string> nodes{std::string(kInternetNode)};
  for (const auto& network : model.virtual_networks) nodes.insert(network.name);
  for (const auto& gateway : model.virtual_network_gateways) nodes.insert(gateway.name);
  for (const auto& site : model.on_premises) nodes.insert(site.name);
  for (const auto& machine : model.virtual_machines)
    if (machine.ip_forwarding) nodes.insert(machine.name);
  if (has_services(model)) nodes.emplace(kServicesNode);
  return nodes;
}

std::set<std::string> nodes_with(const Model& model, Ipv4Address address) {
  std::set<std::string> found;
  const auto add = [&](std::string_view node, const std::optional<Ipv4Address>& its_address) {
    if (its_address == address) found.emplace(node);
  };
  for (const auto& machine : model.virtual_machines) {
    add(machine.name, machine.private_ip_address);
    add(machine.name, machine.public_ip_address);
  }
  for (const auto& gateway : model.virtual_network_gateways) add(gateway.name, gateway.public_ip_address);
  for (const auto& site : model.on_premises) {
    add(site.name, site.public_ip_address);
    for (const auto& host : site.hosts) add(host.name, host.ip_address);
  }
  for (const auto& host : model.internet.hosts) add(host.name, host.ip_address);
  for (const auto* service : services_of(model)) add(kServicesNode, service->address);
  return found;
}

NodeTaps::NodeTaps(const Model& model, const std::set<std::string>& nodes, const netns::PacketFilter& filter) {
  for (const auto& node : nodes) taps_.push_back({node, netns::PacketTap(namespace_name(model.lab, node), {}, filter)});
}

void NodeTaps::await_times(const Model& model, std::string_view node) {
  std::call_once(times_, [&] {
    const netns::EnteredNamespace inside(namespace_name(model.lab, node));
    netns::await_packet_times();
  });
}

std::vector<Sighting> NodeTaps::seen(std::uint32_t tag) {
  const std::lock_guard lock(mutex_);
  for (auto& tap : taps_) {
    while (const auto packet = tap.packets.receive()) {
      if (packet->loopback && packet->direction == netns::Direction::In) continue;  // the same packet as the one that went out
      const auto seen = netns::parse_probe_packet(packet->frame);
      if (seen) sightings_[seen->tag].push_back({tap.node, tap.packets.link_name(packet->ifindex), packet->direction, packet->time, *seen});
    }
  }
  auto found = sightings_[tag];
  std::ranges::stable_sort(found, {}, &Sighting::time);
  return found;
}

std::vector<std::vector<std::string>> ways_through(const std::vector<Sighting>& sightings, std::string_view source) {
  std::vector<std::vector<std::string>> ways;
  for (const auto& seen : sightings) {
    if (!seen.packet.is_request()) continue;
    const bool begins = seen.node == source && seen.direction == netns::Direction::Out;
    if (begins) ways.emplace_back();
    if (ways.empty()) continue;
    if (ways.back().empty() || ways.back().back() != seen.node) ways.back().push_back(seen.node);
  }
  return ways;
}

bool leads_through(const std::vector<std::string>& way, const std::vector<std::string>& wanted) {
  auto next = wanted.begin();
  for (const auto& node : way)
    if (next != wanted.end() && same_name(node, *next)) ++next;
  return next == wanted.end();
}

}  // namespace emu
