// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "emu/model/wording.hpp"
#include "emu/semantics/addresses.hpp"
#include "emu/semantics/rules.hpp"

namespace emu {
namespace {

std::string internet_ranges() {
  std::string out;
  for (const auto& range : kInternetRanges) out += fmt::format("{}{}", out.empty() ? "" : ", ", to_string(range));
  return out;
}

class PublicAddressRules {
 public:
  explicit PublicAddressRules(Findings& findings) : findings_(findings) {}

  void check(const std::string& path, std::string_view owner, Ipv4Address address) {
    const auto range = std::ranges::find_if(kInternetRanges, [&](const auto& r) { return r.contains(address); });
    if (range == kInternetRanges.end())
      return findings_.error(path, fmt::format("{} is not on the emulated internet", to_string(address)), "",
                             fmt::format("its addresses are {}", internet_ranges()));
    if (is_reserved(*range, address))
      return findings_.error(path, fmt::format("{} is kept by the emulated internet", to_string(address)), "",
                             fmt::format("the first four addresses of {} and the last are", to_string(*range)));
    const auto [first, is_new] = owners_.emplace(address.value, Owner{path, owner});
    if (!is_new)
      findings_.error(path, fmt::format("{} is taken: {} has it{}", to_string(address), in_quotes(first->second.name),
                                        findings_.in_line(first->second.path)));
  }

 private:
  struct Owner {
    std::string path;
    std::string_view name;
  };

  Findings& findings_;
  std::unordered_map<std::uint32_t, Owner> owners_;
};

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

  std::uint64_t room = 0;
  for (const auto& range : kInternetRanges) room += usable_addresses(range);
  const auto machines = std::ranges::count_if(model.virtual_machines, &VirtualMachine::has_public_ip_address);
  const auto wanted = static_cast<std::uint64_t>(machines) + model.internet.hosts.size() + model.virtual_networks.size() +
                      model.virtual_network_gateways.size() + model.on_premises.size();
  if (wanted > room)
    findings.error("virtual_machines", fmt::format("the emulated internet has {} addresses, and this lab needs {}", room, wanted), "",
                   "each public address, each internet host, each virtual network, each gateway and each site takes one");
}

}  // namespace emu
