// SPDX-License-Identifier: Apache-2.0
// emu/semantics/default_security_rules.hpp — the rules that every network security group ends with (azure-semantics 5.1, NSG-18).
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "emu/model/security.hpp"

namespace emu {

inline const std::vector<SecurityRule>& default_security_rules() {
  const auto rule = [](std::string_view name, std::string_view description, std::uint16_t priority, RuleDirection direction,
                       RuleAccess access, std::string_view source, std::string_view destination) {
    SecurityRule out;
    out.name = name;
    out.description = description;
    out.priority = priority;
    out.direction = direction;
    out.access = access;
    out.source = {{PortRange{}}, {std::string(source)}, {}};
    out.destination = {{PortRange{}}, {std::string(destination)}, {}};
    return out;
  };
  using enum RuleDirection;
  using enum RuleAccess;
  static const std::vector<SecurityRule> rules{
      rule("AllowVnetInBound", "Allow inbound traffic from all VMs in VNET", 65000, Inbound, Allow, "VirtualNetwork", "VirtualNetwork"),
      rule("AllowAzureLoadBalancerInBound", "Allow inbound traffic from azure load balancer", 65001, Inbound, Allow, "AzureLoadBalancer",
           "*"),
      rule("DenyAllInBound", "Deny all inbound traffic", 65500, Inbound, Deny, "*", "*"),
      rule("AllowVnetOutBound", "Allow outbound traffic from all VMs to all VMs in VNET", 65000, Outbound, Allow, "VirtualNetwork",
           "VirtualNetwork"),
      rule("AllowInternetOutBound", "Allow outbound traffic from all VMs to Internet", 65001, Outbound, Allow, "*", "Internet"),
      rule("DenyAllOutBound", "Deny all outbound traffic", 65500, Outbound, Deny, "*", "*"),
  };
  return rules;
}

}  // namespace emu
