// SPDX-License-Identifier: Apache-2.0
// emu/services/service_firewall.hpp — who asks a service, and whether its network rules let them.
#pragma once

#include <string>

#include "emu/services/service_configuration.hpp"

namespace emu {

struct Caller {
  netns::Ipv4Address address;
  std::string virtual_network;  ///< empty when the request came over the internet
  std::string subnet;           ///< likewise

  bool over_backbone() const { return !virtual_network.empty(); }
  bool operator==(const Caller&) const = default;
};

/// Who sends from `address` over `link`: the link tells the virtual network, the address only the subnet in it (SE-4, SE-10).
Caller caller_on(const ServiceLink& link, netns::Ipv4Address address);

/// SA-2, SA-4.
bool may_access(const ServiceConfiguration& configuration, const ServedService& service, const Caller& caller);

}  // namespace emu
