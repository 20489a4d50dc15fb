// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/address_allocation.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "emu/model/name_key.hpp"

namespace emu {
namespace {

/// The addresses of some prefixes less Azure's five reserved ones each (SUB-2), and which of them are taken.
class AddressPool {
 public:
  explicit AddressPool(const std::vector<Ipv4Prefix>& prefixes) {
    for (const auto& prefix : prefixes) {
      if (prefix.length <= kLongestSubnet) ranges_.push_back({prefix.first().value + kReservedAtStart, prefix.last().value - 1});
    }
    if (ranges_.empty()) return;
    lowest_ = ranges_.front().first;
    highest_ = ranges_.back().last;
  }

  /// Whether a machine may have `address`, taken or not.
  bool holds(Ipv4Address address) const {
    return std::ranges::any_of(ranges_, [&](const Range& r) { return r.first <= address.value && address.value <= r.last; });
  }

  /// Whether `address` was free until now. It need not be one of the pool's own.
  bool take(Ipv4Address address) { return taken_.insert(address.value).second; }

  std::optional<Ipv4Address> take_lowest() {
    while (range_ < ranges_.size()) {
      while (lowest_ <= ranges_[range_].last) {
        if (taken_.insert(lowest_++).second) return Ipv4Address{lowest_ - 1};
      }
      if (++range_ < ranges_.size()) lowest_ = ranges_[range_].first;
    }
    return std::nullopt;
  }

  /// The highest free address of the last prefix.
  std::optional<Ipv4Address> take_highest() {
    while (!ranges_.empty() && highest_ >= ranges_.back().first) {
      if (taken_.insert(highest_--).second) return Ipv4Address{highest_ + 1};
    }
    return std::nullopt;
  }

 private:
  static constexpr int kLongestSubnet = 29;  // SUB-1
  static constexpr std::uint32_t kReservedAtStart = 4;

  struct Range {
    std::uint32_t first;
    std::uint32_t last;
  };

  std::vector<Range> ranges_;
  std::size_t range_ = 0;
  std::uint32_t lowest_ = 0;
  std::uint32_t highest_ = 0;
  std::unordered_set<std::uint32_t> taken_;
};

std::string subnet_key(std::string_view network, std::string_view subnet) { return name_key(network) + '/' + name_key(subnet); }

/// What was in the running lab, by name.
template <typename Items>
auto by_name(const Items& items) {
  std::unordered_map<std::string, decltype(items.data())> found;
  found.reserve(items.size());
  for (const auto& item : items) found.emplace(name_key(item.name), &item);
  return found;
}

template <typename Index>
auto find(const Index& index, std::string_view name) -> typename Index::mapped_type {
  const auto found = index.find(name_key(name));
  return found == index.end() ? nullptr : found->second;
}

bool is_static_private(const VirtualMachine& machine) {
  return machine.private_ip_allocation_method == "Static" && machine.private_ip_address.has_value();
}

bool is_static_public(const VirtualMachine& machine) {
  return machine.has_public_ip_address && machine.public_ip_allocation_method == "Static" && machine.public_ip_address.has_value();
}

using Addresses = std::vector<std::optional<Ipv4Address>>;

// Gateways and sites always have a public address; the file's is in the model already.

template <typename Resource>
void take_fixed(const std::vector<Resource>& resources, AddressPool& pool, Addresses& given) {
  for (std::size_t i = 0; i < resources.size(); ++i) {
    given[i] = resources[i].public_ip_address;
    if (given[i]) pool.take(*given[i]);
  }
}

template <typename Resource>
void take_kept(const std::vector<Resource>& resources, const std::vector<Resource>& previous, AddressPool& pool, Addresses& given) {
  const auto earlier = by_name(previous);
  for (std::size_t i = 0; i < resources.size(); ++i) {
    const auto* before = given[i] ? nullptr : find(earlier, resources[i].name);
    if (before != nullptr && before->public_ip_address && pool.take(*before->public_ip_address)) given[i] = before->public_ip_address;
  }
}

const std::vector<Ipv4Prefix>& internet_prefixes() {
  static const std::vector<Ipv4Prefix> prefixes = [] {
    std::vector<Ipv4Prefix> out;
    for (const char* text : {"203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24", "198.18.0.0/16"})
      out.push_back(Ipv4Prefix::parse(text).value());
    return out;
  }();
  return prefixes;
}

}  // namespace

std::vector<std::optional<Ipv4Address>> private_addresses(const Model& model, const Model* previous) {
  std::unordered_map<std::string, AddressPool> pools;
  for (const auto& network : model.virtual_networks) {
    for (const auto& subnet : network.subnets) pools.emplace(subnet_key(network.name, subnet.name), AddressPool(subnet.address_prefixes));
  }
  const auto& machines = model.virtual_machines;
  std::vector<AddressPool*> pool_of;
  pool_of.reserve(machines.size());
  for (const auto& machine : machines) {
    const auto pool = pools.find(subnet_key(machine.subnet.virtual_network, machine.subnet.subnet));
    pool_of.push_back(pool == pools.end() ? nullptr : &pool->second);
  }

  std::vector<std::optional<Ipv4Address>> given(machines.size());
  for (std::size_t i = 0; i < machines.size(); ++i) {
    if (!is_static_private(machines[i])) continue;
    given[i] = machines[i].private_ip_address;
    if (pool_of[i] != nullptr) pool_of[i]->take(*given[i]);
  }
  if (previous != nullptr) {
    const auto earlier = by_name(previous->virtual_machines);
    for (std::size_t i = 0; i < machines.size(); ++i) {
      if (given[i] || pool_of[i] == nullptr) continue;
      const auto* before = find(earlier, machines[i].name);
      if (before == nullptr || !before->private_ip_address || !same_subnet(before->subnet, machines[i].subnet)) continue;
      if (pool_of[i]->holds(*before->private_ip_address) && pool_of[i]->take(*before->private_ip_address))
        given[i] = before->private_ip_address;
    }
  }
  for (std::size_t i = 0; i < machines.size(); ++i) {
    if (!given[i] && pool_of[i] != nullptr) given[i] = pool_of[i]->take_lowest();
  }
  return given;
}

PublicAddresses public_addresses(const Model& model, const Model* previous) {
  const auto& machines = model.virtual_machines;
  const auto& networks = model.virtual_networks;
  AddressPool pool(internet_prefixes());
  PublicAddresses given;
  given.machines.resize(machines.size());
  given.default_outbound.resize(networks.size());
  given.gateways.resize(model.virtual_network_gateways.size());
  given.sites.resize(model.on_premises.size());

  for (const auto& host : model.internet.hosts) pool.take(host.ip_address);
  for (std::size_t i = 0; i < machines.size(); ++i) {
    if (!is_static_public(machines[i])) continue;
    given.machines[i] = machines[i].public_ip_address;
    pool.take(*given.machines[i]);
  }
  take_fixed(model.virtual_network_gateways, pool, given.gateways);
  take_fixed(model.on_premises, pool, given.sites);
  if (previous != nullptr) {
    const auto earlier_networks = by_name(previous->virtual_networks);
    for (std::size_t i = 0; i < networks.size(); ++i) {
      const auto* before = find(earlier_networks, networks[i].name);
      if (before != nullptr && before->default_outbound_address && pool.take(*before->default_outbound_address))
        given.default_outbound[i] = before->default_outbound_address;
    }
    const auto earlier_machines = by_name(previous->virtual_machines);
    for (std::size_t i = 0; i < machines.size(); ++i) {
      if (given.machines[i] || !machines[i].has_public_ip_address) continue;
      const auto* before = find(earlier_machines, machines[i].name);
      if (before != nullptr && before->has_public_ip_address && before->public_ip_address && pool.take(*before->public_ip_address))
        given.machines[i] = before->public_ip_address;
    }
    take_kept(model.virtual_network_gateways, previous->virtual_network_gateways, pool, given.gateways);
    take_kept(model.on_premises, previous->on_premises, pool, given.sites);
  }
  for (auto& address : given.default_outbound) {
    if (!address) address = pool.take_highest();
  }
  for (std::size_t i = 0; i < machines.size(); ++i) {
    if (!given.machines[i] && machines[i].has_public_ip_address) given.machines[i] = pool.take_lowest();
  }
  for (auto* addresses : {&given.gateways, &given.sites}) {
    for (auto& address : *addresses) {
      if (!address) address = pool.take_lowest();
    }
  }
  return given;
}

}  // namespace emu
