// SPDX-License-Identifier: Apache-2.0
// emu/services/service_configuration.hpp — what the mock service is told: which services it is, and who comes over which link.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "netns/base/address.hpp"

namespace emu {

/// A link that requests come in by. The link says which virtual network they are from, whatever their addresses (SE-10).
struct ServiceLink {
  struct Subnet {
    std::string name;
    std::vector<netns::Ipv4Prefix> prefixes;

    bool operator==(const Subnet&) const = default;
  };

  std::string device;
  std::string virtual_network;               ///< empty: the internet
  std::vector<Subnet> subnets;               ///< those with a service endpoint
  std::vector<netns::Ipv4Address> services;  ///< the addresses that are asked over it

  bool operator==(const ServiceLink&) const = default;
};

/// One service and its firewall (SA-2).
struct ServedService {
  std::string name;
  std::string location;
  netns::Ipv4Address address;
  bool denies = false;                       ///< whether only those that a rule names may pass
  std::vector<std::string> allowed_subnets;  ///< `spoke/web`
  std::vector<netns::Ipv4Prefix> allowed_addresses;

  bool operator==(const ServedService&) const = default;
};

struct ServiceConfiguration {
  std::vector<ServiceLink> links;
  std::vector<ServedService> services;
  /// By region the public addresses of what is in Azure there: rules for addresses do not match them (SA-4).
  std::map<std::string, std::vector<netns::Ipv4Address>> azure_addresses;

  bool operator==(const ServiceConfiguration&) const = default;
};

std::string to_json(const ServiceConfiguration& configuration);
/// @throws std::exception when `text` is not what `to_json` writes
ServiceConfiguration service_configuration_from_json(std::string_view text);

}  // namespace emu
