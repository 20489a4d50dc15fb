// SPDX-License-Identifier: Apache-2.0
#include "emu/report/nodes_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "emu/model/name_key.hpp"
#include "emu/report/cell_text.hpp"
#include "emu/report/gateway_report.hpp"
#include "emu/report/services_report.hpp"
#include "emu/report/table.hpp"
#include "emu/semantics/peering_state.hpp"

namespace emu {
namespace {

constexpr std::size_t kMostLines = 40;
constexpr std::uint16_t kHttpPort = 80;

/// Where a node's page is; empty when it serves none.
std::string page(const std::optional<Ipv4Address>& address, const std::optional<std::uint16_t>& port) {
  if (!address || !port) return "";
  return *port == kHttpPort ? fmt::format("http://{}/", to_string(*address)) : fmt::format("http://{}:{}/", to_string(*address), *port);
}

std::string place_of(const OnPremises& site) { return "on_premises." + site.name; }

std::size_t count_nodes(const Model& model) {
  auto nodes = model.virtual_machines.size() + model.internet.hosts.size();
  for (const auto& site : model.on_premises) nodes += 1 + site.hosts.size();
  return nodes;
}

std::string range(std::vector<Ipv4Address> addresses) {
  if (addresses.empty()) return "";
  const auto [low, high] = std::ranges::minmax(addresses);
  return low == high ? to_string(low) : fmt::format("{} - {}", to_string(low), to_string(high));
}

/// The machines of one subnet, or the nodes of a site or of the internet.
struct Group {
  std::string name;
  std::size_t nodes = 0;
  std::size_t serving = 0;
  std::vector<Ipv4Address> private_addresses;
  std::vector<Ipv4Address> public_addresses;

  void add(const std::optional<Ipv4Address>& private_address, const std::optional<Ipv4Address>& public_address, bool serves) {
    ++nodes;
    serving += serves ? 1 : 0;
    if (private_address) private_addresses.push_back(*private_address);
    if (public_address) public_addresses.push_back(*public_address);
  }
};

std::string groups_table(const Model& model) {
  std::vector<Group> groups;
  std::unordered_map<std::string, std::size_t> index;
  const auto group = [&](const std::string& name) -> Group& {
    const auto [known, first] = index.emplace(name_key(name), groups.size());
    if (first) groups.push_back({name, 0, 0, {}, {}});
    return groups[known->second];
  };
  for (const auto& machine : model.virtual_machines)
    group(text(machine.subnet)).add(machine.private_ip_address, machine.public_ip_address, machine.web.has_value());
  for (const auto& site : model.on_premises) {
    auto& hosts = group(place_of(site));
    hosts.add(std::nullopt, site.public_ip_address, false);
    for (const auto& host : site.hosts) hosts.add(host.ip_address, std::nullopt, host.web.has_value());
  }
  for (const auto& host : model.internet.hosts) group("internet").add(std::nullopt, host.ip_address, host.web.has_value());

  Table table(kIndent);
  table.add({"SUBNET", "NODES", "PRIVATE", "PUBLIC", "SERVING"});
  for (const auto& one : groups) {
    const auto with_public = one.public_addresses.size();
    table.add({one.name, std::to_string(one.nodes), range(one.private_addresses),
               with_public < 2 ? range(one.public_addresses) : fmt::format("{}: {}", with_public, range(one.public_addresses)),
               one.serving == 0 ? "" : std::to_string(one.serving)});
  }
  return table.text();
}

}  // namespace

std::string nodes_table(const Model& model) {
  if (count_nodes(model) == 0) return "";
  Table table(kIndent);
  table.add({"NODE", "SUBNET", "PRIVATE", "PUBLIC", "SERVES"});
  for (const auto& machine : model.virtual_machines) {
    table.add({machine.name, text(machine.subnet), text(machine.private_ip_address), text(machine.public_ip_address),
               page(machine.private_ip_address, machine.web)});
  }
  for (const auto& site : model.on_premises) {
    table.add({site.name, place_of(site), "", text(site.public_ip_address)});
    for (const auto& host : site.hosts)
      table.add({host.name, place_of(site), to_string(host.ip_address), "", page(host.ip_address, host.web)});
  }
  for (const auto& host : model.internet.hosts)
    table.add({host.name, "internet", "", text(host.ip_address), page(host.ip_address, host.web)});
  return table.text();
}

std::string nodes_summary(const Model& model) { return count_nodes(model) > kMostLines ? groups_table(model) : nodes_table(model); }

std::string peerings_summary(const Model& model) {
  std::unordered_map<std::string, std::size_t> order;
  for (std::size_t i = 0; i < model.virtual_networks.size(); ++i) order.emplace(name_key(model.virtual_networks[i].name), i);

  std::vector<std::vector<std::string>> connected;
  std::vector<std::vector<std::string>> others;
  for (std::size_t i = 0; i < model.virtual_networks.size(); ++i) {
    const auto& network = model.virtual_networks[i];
    for (const auto& link : network.peerings) {
      const auto remote = order.find(name_key(link.remote_virtual_network));
      if (link.peering_state != PeeringState::Connected || remote == order.end()) {
        others.push_back({fmt::format("{} -> {}", network.name, link.remote_virtual_network),
                          fmt::format("peering {}: {}", to_string(link.peering_state), why_not_connected(model, network, link))});
      } else if (i < remote->second) {  // the other link says the same
        const auto& other = model.virtual_networks[remote->second];
        connected.push_back({fmt::format("{} <-> {}", network.name, other.name),
                             fmt::format("peering Connected ({} - {})", network.location, other.location)});
      }
    }
  }
  if (connected.size() > kMostLines) connected = {{fmt::format("{} pairs", connected.size()), "peering Connected"}};
  Table table(kIndent);
  for (auto* rows : {&connected, &others}) {
    for (auto& row : *rows) table.add(std::move(row));
  }
  return table.text();
}

std::string up_summary(const Model& model, const std::vector<ConnectionStatus>& connections) {
  std::string out;
  for (const auto& part : {nodes_summary(model), services_table(model), peerings_summary(model), connections_summary(model, connections)}) {
    if (!part.empty()) out.append(out.empty() ? "" : "\n").append(part);
  }
  return out;
}

}  // namespace emu
