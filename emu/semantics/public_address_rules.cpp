// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "emu/model/wording.hpp"
#include "emu/semantics/addresses.hpp"
#include "emu/semantics/rules.hpp"

namespace emu {
namespace {

/// Why nobody can have `address` on the internet; empty when somebody can.
std::string fault_in_public(Ipv4Address address) {
  constexpr Ipv4Prefix kReserved{{0xF0000000}, 4};  // 240.0.0.0/4
  const auto holds = [&](const Ipv4Prefix& prefix) { return prefix.contains(address); };
  if (const auto range = std::ranges::find_if(kPrivateRanges, holds); range != kPrivateRanges.end())
    return fmt::format("{} is private", to_string(*range));
  if (holds(kServicesRange)) return fmt::format("{} is for the emulated services", to_string(kServicesRange));
  if (holds(kReserved)) return fmt::format("{} is nobody's (RFC 1112)", to_string(kReserved));
  const auto forbidden = std::ranges::find_if(kForbiddenEverywhere, [&](const auto& range) { return range.prefix.contains(address); });
  return forbidden == kForbiddenEverywhere.end() ? std::string{} : fmt::format("{} {}", to_string(forbidden->prefix), forbidden->use);
}

class PublicAddressRules {
 public:
  explicit PublicAddressRules(Findings& findings) : findings_(findings) {}

  void check(const std::string& path, std::string_view owner, Ipv4Address address) {
    if (const auto fault = fault_in_public(address); !fault.empty())
      return findings_.error(path, fmt::format("{} cannot be a public address: {}", to_string(address), fault), "",
                             "every other one can be on the emulated internet, like 203.0.113.10 or 8.8.8.8");
    const auto [first, is_new] = owners_.emplace(address.value, Owner{path, owner});
    if (!is_new)
      findings_.error(path, fmt::format("{} is taken: {} has it{}", to_string(address), in_quotes(first->second.name),
                                        findings_.in_line(first->second.path)));
  }

  /// How many of the addresses that would be given are named.
  std::size_t taken_from_pool() const {
    const auto of_pool = [](const auto& owner) {
      return std::ranges::any_of(kInternetRanges, [&](const auto& range) {
        return range.contains(Ipv4Address{owner.first}) && !is_reserved(range, Ipv4Address{owner.first});
      });
    };
    return static_cast<std::size_t>(std::ranges::count_if(owners_, of_pool));
  }

 private:
  struct Owner {
    std::string path;
    std::string_view name;
  };

  Findings& findings_;
  std::unordered_map<std::uint32_t, Owner> owners_;
};

/// PIP-1, PIP-6.
void check_skus(const Model& model, Findings& findings) {
  bool told = false;
  for (std::size_t i = 0; i < model.virtual_machines.size(); ++i) {
    const auto& machine = model.virtual_machines[i];
    const auto path = machine_path(i) + ".public_ip_address_sku";
    if (machine.public_ip_address_sku == PublicIpAddressSku::Standard) continue;
    if (!machine.has_public_ip_address)
      findings.warning(path, fmt::format("{} has no public address that could be Basic", in_quotes(machine.name)), "",
                       "give it public_ip_address: true, or leave the SKU out");
    else if (!std::exchange(told, true))
      findings.warning(path, "Azure has retired Basic public addresses, and gives no new ones since September 2025");
  }
}

}  // namespace

void check_public_addresses(const Subject& subject, Findings& findings) {
  const auto& model = subject.model;
  PublicAddressRules rules(findings);
  for (std::size_t i = 0; i < model.virtual_machines.size(); ++i) {
    const auto& machine = model.virtual_machines[i];
    if (machine.public_ip_allocation_method == "Static" && machine.public_ip_address)
      rules.check(machine_path(i) + ".public_ip_address", machine.name, *machine.public_ip_address);
  }
  for (std::size_t i = 0; i < model.internet.hosts.size(); ++i) {
    const auto& host = model.internet.hosts[i];
    if (host.ip_address != Ipv4Address{}) rules.check(host_path(i) + ".ip_address", host.name, host.ip_address);
  }
  for (std::size_t i = 0; i < model.virtual_network_gateways.size(); ++i) {
    const auto& gateway = model.virtual_network_gateways[i];
    if (gateway.public_ip_address) rules.check(gateway_path(i) + ".public_ip_address", gateway.name, *gateway.public_ip_address);
  }
  for (std::size_t i = 0; i < model.on_premises.size(); ++i) {
    const auto& site = model.on_premises[i];
    if (site.public_ip_address) rules.check(site_path(i) + ".public_ip_address", site.name, *site.public_ip_address);
  }

  check_skus(model, findings);

  std::uint64_t room = 0;
  for (const auto& range : kInternetRanges) room += usable_addresses(range);
  const auto is_given = [](const auto& owner) { return owner.public_ip_allocation_method == "Dynamic"; };
  const auto machines = std::ranges::count_if(model.virtual_machines,
                                              [&](const auto& machine) { return machine.has_public_ip_address && is_given(machine); });
  const auto gateways = std::ranges::count_if(model.virtual_network_gateways, is_given);
  const auto sites = std::ranges::count_if(model.on_premises, [](const auto& site) { return !site.public_ip_address; });
  const auto wanted = static_cast<std::uint64_t>(machines + gateways + sites) + model.virtual_networks.size() + rules.taken_from_pool();
  if (wanted > room)
    findings.error(
        "virtual_machines", fmt::format("the emulated internet has {} addresses, and this lab needs {}", room, wanted), "",
        "each public address, each virtual network, each gateway and each site takes one, but for those that name an address of their own");
}

}  // namespace emu
