// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/changes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "emu/model/name_key.hpp"
#include "emu/model/wording.hpp"
#include "emu/semantics/differences.hpp"
#include "emu/semantics/flow_log_changes.hpp"
#include "emu/semantics/gateway_changes.hpp"
#include "emu/semantics/peering_state.hpp"
#include "emu/semantics/route_changes.hpp"
#include "emu/semantics/route_table_changes.hpp"
#include "emu/semantics/security_group_changes.hpp"
#include "emu/semantics/service_changes.hpp"

namespace emu {
namespace {

using Kind = Change::Kind;
using differences::Differences;
using differences::name_of;
using differences::Pair;
using differences::pairs;
using differences::pairs_by_name;
using differences::text;

/// Another remote makes another link (PEER-9).
std::vector<Pair<VirtualNetworkPeering>> pairs_of_links(const std::vector<VirtualNetworkPeering>& before,
                                                        const std::vector<VirtualNetworkPeering>& after) {
  return pairs(before, after, [](const auto& link) { return name_key(link.name) + '/' + name_key(link.remote_virtual_network); });
}

// --- One resource each. `describe` is what is said of one that comes or goes. ---

std::string describe(const VirtualNetwork& network) { return fmt::format("{}, {}", network.location, text(network.address_space)); }

std::string describe(const Subnet& subnet) { return text(subnet.address_prefixes); }

std::string describe(const VirtualMachine& machine) {
  return text(machine.private_ip_address) + (machine.public_ip_address ? ", public " + text(machine.public_ip_address) : "");
}

std::string describe(const InternetHost& host) { return text(host.ip_address); }

template <typename Resource>
std::optional<Change> come_or_gone(const Pair<Resource>& pair, std::string name) {
  return differences::come_or_gone(pair, std::move(name), [](const Resource& resource) { return describe(resource); });
}

std::optional<Change> change_of(const Pair<VirtualNetwork>& pair) {
  const auto name = "vnet " + name_of(pair);
  if (auto change = come_or_gone(pair, name)) return change;
  Differences differences;
  differences.compare("location", pair.before->location, pair.after->location);
  differences.compare("resource group", pair.before->resource_group, pair.after->resource_group);
  differences.compare("address space", pair.before->address_space, pair.after->address_space);
  differences.compare("default outbound address", pair.before->default_outbound_address, pair.after->default_outbound_address);
  return differences.as_change(name);
}

std::optional<Change> change_of(const Pair<Subnet>& pair, const std::string& network) {
  const auto name = fmt::format("vnet {} / subnet {}", network, name_of(pair));
  if (auto change = come_or_gone(pair, name)) return change;
  Differences differences;
  differences.compare("address prefixes", pair.before->address_prefixes, pair.after->address_prefixes);
  differences.compare("default outbound access", pair.before->default_outbound_access, pair.after->default_outbound_access);
  differences.compare("route table", pair.before->route_table, pair.after->route_table);
  differences.compare("service endpoints", fmt::format("{}", fmt::join(pair.before->service_endpoints, ", ")),
                      fmt::format("{}", fmt::join(pair.after->service_endpoints, ", ")));
  differences.compare("network security group", pair.before->network_security_group, pair.after->network_security_group);
  return differences.as_change(name);
}

std::optional<Change> change_of(const Pair<VirtualMachine>& pair) {
  const auto name = "vm " + name_of(pair);
  if (auto change = come_or_gone(pair, name)) return change;
  const auto& [before, after] = pair;
  Differences differences;
  if (!same_subnet(before->subnet, after->subnet)) differences.compare("subnet", before->subnet, after->subnet);
  differences.compare("address", before->private_ip_address, after->private_ip_address);
  differences.compare("address allocation", before->private_ip_allocation_method, after->private_ip_allocation_method);
  differences.compare("public address", before->public_ip_address, after->public_ip_address);
  if (before->has_public_ip_address && after->has_public_ip_address) {
    differences.compare("public address allocation", before->public_ip_allocation_method, after->public_ip_allocation_method);
    differences.compare("public address SKU", std::string(to_string(before->public_ip_address_sku)),
                        std::string(to_string(after->public_ip_address_sku)));
  }
  differences.compare("ip forwarding", before->ip_forwarding, after->ip_forwarding);
  differences.compare("network security group", before->network_security_group, after->network_security_group);
  differences.compare("application security groups", before->application_security_groups, after->application_security_groups);
  differences.compare("web", before->web, after->web);
  compare_programs(before->programs, after->programs, differences);
  return differences.as_change(name);
}

std::optional<Change> change_of(const Pair<InternetHost>& pair) {
  const auto name = "internet host " + name_of(pair);
  if (auto change = come_or_gone(pair, name)) return change;
  Differences differences;
  differences.compare("address", pair.before->ip_address, pair.after->ip_address);
  differences.compare("web", pair.before->web, pair.after->web);
  compare_programs(pair.before->programs, pair.after->programs, differences);
  return differences.as_change(name);
}

/// What became of a peering, and why; both models know the network.
class PeeringChanges {
 public:
  PeeringChanges(const Model& before, const Model& after) : before_(before), after_(after) {}

  std::optional<Change> change_of(const Pair<VirtualNetworkPeering>& pair, const Pair<VirtualNetwork>& network) const {
    const auto name = fmt::format("vnet {} / peering {}", name_of(network), name_of(pair));
    if (pair.after == nullptr) return Change{Kind::Delete, name, fmt::format("to '{}'", pair.before->remote_virtual_network), {}};
    if (pair.before == nullptr) return Change{Kind::Create, name, created(*pair.after, *network.after), {}};

    const auto& [was, is] = pair;
    Differences differences;
    if (was->peering_state != is->peering_state) differences.say(transition(pair, *network.after));
    if (was->peering_state == is->peering_state && was->peering_sync_level != is->peering_sync_level)
      differences.say(fmt::format("sync level: {} -> {}", to_string(was->peering_sync_level), to_string(is->peering_sync_level)));
    differences.compare(fmt::format("address space of '{}'", is->remote_virtual_network), was->remote_address_space,
                        is->remote_address_space);
    differences.compare("allow virtual network access", was->allow_virtual_network_access, is->allow_virtual_network_access);
    differences.compare("allow forwarded traffic", was->allow_forwarded_traffic, is->allow_forwarded_traffic);
    differences.compare("allow gateway transit", was->allow_gateway_transit, is->allow_gateway_transit);
    differences.compare("use remote gateways", was->use_remote_gateways, is->use_remote_gateways);
    return differences.as_change(name);
  }

 private:
  std::string created(const VirtualNetworkPeering& link, const VirtualNetwork& network) const {
    const auto what = fmt::format("to '{}', {}", link.remote_virtual_network, to_string(link.peering_state));
    const auto why = why_not_connected(after_, network, link);
    return why.empty() ? what : fmt::format("{}: {}", what, why);
  }

  std::string transition(const Pair<VirtualNetworkPeering>& pair, const VirtualNetwork& network) const {
    const auto what = fmt::format("{} -> {}", to_string(pair.before->peering_state), to_string(pair.after->peering_state));
    if (pair.after->peering_state == PeeringState::Connected) return what + ": the other side exists now";
    const auto* remote = find_virtual_network(before_, pair.after->remote_virtual_network);
    const auto* counterpart = remote == nullptr ? nullptr : find_peering_to(*remote, network.name);
    if (counterpart == nullptr || find_virtual_network(after_, remote->name) == nullptr)
      return fmt::format("{}: {}", what, why_not_connected(after_, network, *pair.after));
    return fmt::format("{}: '{}' was removed", what, counterpart->name);
  }

  const Model& before_;
  const Model& after_;
};

/// A network with all that is in it. The changes are collected first, then routes find their cause among them.
class NetworkChanges {
 public:
  NetworkChanges(const Model& before, const Model& after, const Pair<VirtualNetwork>& network)
      : before_(before), after_(after), network_(network), change_(emu::change_of(network)) {
    static const VirtualNetwork none;
    const auto& was = network.before == nullptr ? none : *network.before;
    const auto& is = network.after == nullptr ? none : *network.after;
    subnets_ = pairs_by_name(was.subnets, is.subnets);
    for (const auto& subnet : subnets_) subnet_changes_.push_back(emu::change_of(subnet, name_of(network)));
    links_ = pairs_of_links(was.peerings, is.peerings);
    const PeeringChanges peerings(before, after);
    for (const auto& link : links_) link_changes_.push_back(peerings.change_of(link, network));
    if (network.before != nullptr && network.after != nullptr) add_routes();
  }

  void append_to(std::vector<Change>& out) const {
    const auto append = [&](const std::optional<Change>& change) {
      if (change) out.push_back(*change);
    };
    append(change_);
    std::ranges::for_each(subnet_changes_, append);
    std::ranges::for_each(link_changes_, append);
  }

 private:
  void add_routes() {
    std::vector<std::vector<RouteChange>> by_subnet(subnets_.size());
    std::map<std::pair<Kind, std::string>, std::size_t> seen;  // in how many subnets
    std::set<std::pair<Kind, std::string>> placed;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < subnets_.size(); ++i) {
      if (subnets_[i].before == nullptr || subnets_[i].after == nullptr) continue;
      ++kept;
      by_subnet[i] = route_changes({before_, *network_.before, *subnets_[i].before}, {after_, *network_.after, *subnets_[i].after});
      for (const auto& route : by_subnet[i]) ++seen[{route.consequence.kind, route.consequence.text}];
    }
    for (std::size_t i = 0; i < subnets_.size(); ++i) {
      for (const auto& route : by_subnet[i]) {
        const std::pair key{route.consequence.kind, route.consequence.text};
        auto* cause = seen[key] == kept ? cause_of(route) : nullptr;
        if (cause != nullptr && !placed.insert(key).second) continue;
        if (cause == nullptr) cause = &subnet_change(i);
        cause->consequences.push_back(route.consequence);
      }
    }
  }

  /// The change of the network or of one of its peerings that brought about `route`; nullptr when there is none. What a gateway's
  /// connections lead to changes in all of a network at once.
  Change* cause_of(const RouteChange& route) {
    if (route.of_gateway) return &network_change();
    if (route.remote_virtual_network.empty()) return change_ ? &*change_ : nullptr;
    for (std::size_t i = 0; i < links_.size(); ++i) {
      const auto& link = links_[i].after == nullptr ? *links_[i].before : *links_[i].after;
      if (link_changes_[i] && same_name(link.remote_virtual_network, route.remote_virtual_network)) return &*link_changes_[i];
    }
    return nullptr;
  }

  /// Of a network that changes in nothing but its routes, too.
  Change& network_change() {
    if (!change_) change_ = Change{Kind::Update, "vnet " + name_of(network_), "routes", {}};
    return *change_;
  }

  Change& subnet_change(std::size_t i) {
    auto& change = subnet_changes_[i];
    if (!change) change = Change{Kind::Update, fmt::format("vnet {} / subnet {}", name_of(network_), name_of(subnets_[i])), "routes", {}};
    return *change;
  }

  const Model& before_;
  const Model& after_;
  Pair<VirtualNetwork> network_;
  std::optional<Change> change_;
  std::vector<Pair<Subnet>> subnets_;
  std::vector<std::optional<Change>> subnet_changes_;
  std::vector<Pair<VirtualNetworkPeering>> links_;
  std::vector<std::optional<Change>> link_changes_;
};

}  // namespace

std::vector<Change> changes(const Model* before, const Model& after) {
  static const Model none;
  const auto& running = before == nullptr ? none : *before;
  std::vector<Change> out;
  for (const auto& network : pairs_by_name(running.virtual_networks, after.virtual_networks))
    NetworkChanges(running, after, network).append_to(out);
  for (auto& change : route_table_changes(running, after)) out.push_back(std::move(change));
  for (auto& change : security_group_changes(running, after)) out.push_back(std::move(change));
  for (auto& change : flow_log_changes(running, after)) out.push_back(std::move(change));
  for (const auto& machine : pairs_by_name(running.virtual_machines, after.virtual_machines)) {
    if (auto change = change_of(machine)) out.push_back(*std::move(change));
  }
  for (auto& change : gateway_changes(running, after)) out.push_back(std::move(change));
  for (auto& change : service_changes(running, after)) out.push_back(std::move(change));
  for (const auto& host : pairs_by_name(running.internet.hosts, after.internet.hosts)) {
    if (auto change = change_of(host)) out.push_back(*std::move(change));
  }
  return out;
}

}  // namespace emu
