// SPDX-License-Identifier: Apache-2.0
#include "emu/services/service_firewall.hpp"

#include <algorithm>

namespace emu {

Caller caller_on(const ServiceLink& link, netns::Ipv4Address address) {
  Caller caller{address, link.virtual_network, {}};
  for (const auto& subnet : link.subnets) {
    if (std::ranges::any_of(subnet.prefixes, [&](const auto& prefix) { return prefix.contains(address); })) caller.subnet = subnet.name;
  }
  return caller;
}

bool may_access(const ServiceConfiguration& configuration, const ServedService& service, const Caller& caller) {
  if (!service.denies) return true;
  if (caller.over_backbone())
    return std::ranges::find(service.allowed_subnets, caller.virtual_network + '/' + caller.subnet) != service.allowed_subnets.end();
  const auto in_region = configuration.azure_addresses.find(service.location);
  if (in_region != configuration.azure_addresses.end() && std::ranges::find(in_region->second, caller.address) != in_region->second.end())
    return false;
  return std::ranges::any_of(service.allowed_addresses, [&](const auto& prefix) { return prefix.contains(caller.address); });
}

}  // namespace emu
