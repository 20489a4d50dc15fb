// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "emu/model/wording.hpp"
#include "emu/semantics/addresses.hpp"
#include "emu/semantics/rules.hpp"

namespace emu {
namespace {

const Ipv4Prefix* prefix_with(const Subnet& subnet, Ipv4Address address) {
  const auto found = std::ranges::find_if(subnet.address_prefixes, [&](const auto& prefix) { return prefix.contains(address); });
  return found == subnet.address_prefixes.end() ? nullptr : &*found;
}

bool is_static(const VirtualMachine& machine) {
  return machine.private_ip_allocation_method == "Static" && machine.private_ip_address.has_value();
}

class MachineRules {
 public:
  MachineRules(const Subject& subject, Findings& findings)
      : subject_(subject), machines_(subject.model.virtual_machines), findings_(findings) {
    for (const auto& network : subject.model.virtual_networks) {
      first_subnet_.push_back(populations_.size());
      for (const auto& subnet : network.subnets) {
        auto& population = populations_.emplace_back();
        for (const auto& prefix : subnet.address_prefixes) population.room += usable_addresses(prefix);
      }
    }
  }

  void check() {
    find_homes();
    hold_running_addresses();
    for (std::size_t i = 0; i < machines_.size(); ++i) {
      if (!homes_[i]) continue;
      check_gateway_subnet(i);
      check_capacity(i);
      if (is_static(machines_[i])) check_static_address(i);
    }
  }

 private:
  struct Home {
    std::size_t network;
    std::size_t subnet;
  };

  const VirtualNetwork& network_of(const Home& home) const { return subject_.model.virtual_networks[home.network]; }
  const Subnet& subnet_of(const Home& home) const { return network_of(home).subnets[home.subnet]; }
  /// Address spaces of two networks may be the same (VNET-5), so an address is known by its network, too.
  static std::uint64_t key_of(const Home& home, Ipv4Address address) { return std::uint64_t{home.network} << 32U | address.value; }

  void find_homes() {
    homes_.resize(machines_.size());
    for (std::size_t i = 0; i < machines_.size(); ++i) {
      const auto& [network_name, subnet_name] = machines_[i].subnet;
      if (network_name.empty()) continue;
      const auto network = subject_.networks.find(network_name);
      if (!network) {
        refuse_reference(i, "virtual network",
                         fmt::format("there is no virtual network {}{}", in_quotes(network_name),
                                     findings_.guess(network_name, subject_.networks.names())));
        continue;
      }
      const auto& subnets = subject_.subnets[*network];
      const auto subnet = subnets.find(subnet_name);
      if (!subnet) {
        refuse_reference(i, "subnet",
                         fmt::format("virtual network {} has no subnet {}{}", in_quotes(network_name), in_quotes(subnet_name),
                                     findings_.guess(subnet_name, subnets.names())),
                         hint_on_default_subnet(*network, subnet_name));
        continue;
      }
      homes_[i] = Home{*network, *subnet};
      ++populations_[first_subnet_[*network] + *subnet].machines;
    }
  }

  void refuse_reference(std::size_t machine, std::string_view kind, std::string message, std::string hint = "") {
    findings_.missing(machine_path(machine) + ".subnet", {kind}, std::move(message), std::move(hint));
  }

  /// VNET-10: a subnet that comes by itself is missed where the network says something about its addresses.
  std::string hint_on_default_subnet(std::size_t network, std::string_view missing) const {
    const auto& home = subject_.model.virtual_networks[network];
    if (!same_name(missing, "default")) return {};
    if (findings_.is_written(network_path(network) + ".subnets") || home.address_space.empty())
      return "a network that lists its subnets has those only";
    const auto& block = home.address_space.front();
    return fmt::format(
        "a network with an address_space has no subnet by itself: write subnets: [{{name: default, address_prefixes: [{}]}}]",
        to_string(Ipv4Prefix{block.address, std::max(block.length, 24)}));
  }

  /// IPAM-2: a machine that stays keeps its dynamic address, so nobody else can have it.
  void hold_running_addresses() {
    if (subject_.previous == nullptr) return;
    for (const auto& running : subject_.previous->virtual_machines) {
      const auto i = subject_.machines.find(running.name);
      if (!i || !homes_[*i] || is_static(machines_[*i]) || !running.private_ip_address) continue;
      if (!same_subnet(running.subnet, machines_[*i].subnet)) continue;
      const auto* prefix = prefix_with(subnet_of(*homes_[*i]), *running.private_ip_address);
      if (prefix != nullptr && !is_reserved(*prefix, *running.private_ip_address))
        allocated_.emplace(key_of(*homes_[*i], *running.private_ip_address), *i);
    }
  }

  void check_gateway_subnet(std::size_t i) {
    if (subnet_of(*homes_[i]).name != kGatewaySubnet) return;
    findings_.error(machine_path(i) + ".subnet", fmt::format("{} cannot be in {}: only virtual network gateways can",
                                                             in_quotes(machines_[i].name), in_quotes(kGatewaySubnet)));
  }

  /// IPAM-7, at the first machine that finds no room.
  void check_capacity(std::size_t i) {
    const auto& subnet = subnet_of(*homes_[i]);
    auto& population = populations_[first_subnet_[homes_[i]->network] + homes_[i]->subnet];
    if (++population.seen != population.room + 1 || population.room == 0) return;
    findings_.error(machine_path(i) + ".subnet",
                    fmt::format("subnet {} {} has room for {} machines, not for {}", in_quotes(subnet.name),
                                list_of(subnet.address_prefixes), population.room, population.machines),
                    "SubnetIsFull");
  }

  void check_static_address(std::size_t i) {
    const auto path = machine_path(i) + ".private_ip_address";
    const auto address = *machines_[i].private_ip_address;
    const auto& subnet = subnet_of(*homes_[i]);
    if (subnet.address_prefixes.empty()) return;
    const auto* prefix = prefix_with(subnet, address);
    if (prefix == nullptr)
      return findings_.error(
          path, fmt::format("{} is not in subnet {} {}", to_string(address), in_quotes(subnet.name), list_of(subnet.address_prefixes)),
          "PrivateIPAddressNotInSubnet");
    if (is_reserved(*prefix, address))
      return findings_.error(path,
                             fmt::format("{} is one of the five addresses of subnet {} {} that Azure keeps", to_string(address),
                                         in_quotes(subnet.name), to_string(*prefix)),
                             "PrivateIPAddressInReservedRange", "these are the first four and the last");
    const auto [first, is_new] = allocated_.emplace(key_of(*homes_[i], address), i);
    if (is_new) return;
    const auto& holder = machines_[first->second];
    const bool holds_it_running = !is_static(holder);
    findings_.error(
        path,
        fmt::format("{} is taken: {} has it{}", to_string(address), in_quotes(holder.name),
                    holds_it_running ? " in the running lab" : findings_.in_line(machine_path(first->second) + ".private_ip_address")),
        "PrivateIPAddressIsAllocated",
        holds_it_running ? fmt::format("give {} a private_ip_address of its own first", in_quotes(holder.name)) : "");
  }

  struct Population {
    std::uint64_t machines = 0;
    std::uint64_t seen = 0;
    std::uint64_t room = 0;
  };

  const Subject& subject_;
  const std::vector<VirtualMachine>& machines_;
  Findings& findings_;
  std::vector<std::optional<Home>> homes_;
  std::vector<std::size_t> first_subnet_;  ///< of each network, in populations_
  std::vector<Population> populations_;    ///< of all subnets
  std::unordered_map<std::uint64_t, std::size_t> allocated_;
};

}  // namespace

void check_machines(const Subject& subject, Findings& findings) { MachineRules(subject, findings).check(); }

}  // namespace emu
