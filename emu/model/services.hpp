// SPDX-License-Identifier: Apache-2.0
// emu/model/services.hpp — emulated Azure services: storage accounts and others, each with a firewall of its own.
//
// A service has a public address, and a firewall that tells callers apart by where they are: by public address (`ip_rules`), or by
// subnet when the subnet has a service endpoint for it. The endpoint is the subnet's setting, the rule the service's (SE-4, SA-2).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emu/model/subnet_reference.hpp"
#include "netns/base/address.hpp"

namespace emu {

/// The type of every storage account.
inline constexpr std::string_view kStorage = "Microsoft.Storage";
/// SE-2: what a subnet names instead to reach storage accounts of every region; no service is of this type.
inline constexpr std::string_view kStorageGlobal = "Microsoft.Storage.Global";

/// SA-1.
enum class DefaultAction { Allow, Deny };

/// SA-1: the firewall of a service. The rules count only when `default_action` is Deny.
struct NetworkRules {
  DefaultAction default_action = DefaultAction::Allow;
  std::vector<std::string> bypass;  ///< empty: AzureServices. There are none in a lab: kept, and without effect
  std::vector<SubnetReference> virtual_network_subnets;
  std::vector<netns::Ipv4Prefix> ip_rules;
  bool ignore_missing_vnet_service_endpoint = false;  ///< SE-6's flag of services other than storage

  bool operator==(const NetworkRules&) const = default;
};

struct Service {
  std::string name;
  std::string type;  ///< SE-2: `Microsoft.Sql`; of a storage account kStorage
  std::string location;
  NetworkRules network_rules;
  std::string command;                        ///< what serves it instead of the mock service; may be empty
  std::optional<netns::Ipv4Address> address;  ///< resolved

  bool operator==(const Service&) const = default;
};

/// Azure's spelling: `Allow`, `Deny`.
std::string_view to_string(DefaultAction action);

}  // namespace emu
