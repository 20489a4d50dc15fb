// SPDX-License-Identifier: Apache-2.0
// emu/model/security.hpp — network security groups with their rules, and application security groups (NSG-1..7, ASG-1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace emu {

enum class RuleDirection { Inbound, Outbound };
enum class RuleAccess { Allow, Deny };
/// NSG-3.
enum class RuleProtocol { Any, Tcp, Udp, Icmp, Esp, Ah };

/// Both ends belong to it.
struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 65535;

  bool contains(std::uint16_t port) const { return first <= port && port <= last; }
  bool is_all() const { return first == 0 && last == 65535; }

  auto operator<=>(const PortRange&) const = default;
};

/// One side of a rule. In a correct one either the prefixes or the groups say something.
struct RuleSide {
  std::vector<PortRange> port_ranges;                    ///< all ports are one range
  std::vector<std::string> address_prefixes;             ///< as written: `*`, a prefix, an address, or one service tag
  std::vector<std::string> application_security_groups;  ///< by name

  bool operator==(const RuleSide&) const = default;
};

struct SecurityRule {
  std::string name;
  std::string description;
  std::uint16_t priority = 0;  ///< 0: not understood
  RuleDirection direction = RuleDirection::Inbound;
  RuleAccess access = RuleAccess::Allow;
  RuleProtocol protocol = RuleProtocol::Any;
  RuleSide source;
  RuleSide destination;

  bool operator==(const SecurityRule&) const = default;
};

struct NetworkSecurityGroup {
  std::string name;
  std::string location;  ///< empty: where it is used
  std::vector<SecurityRule> security_rules;
  bool flush_connection = false;  ///< whether flows that are known are judged again when its rules change (NSG-12)

  bool operator==(const NetworkSecurityGroup&) const = default;
};

struct ApplicationSecurityGroup {
  std::string name;
  std::string location;  ///< empty: where it is used

  bool operator==(const ApplicationSecurityGroup&) const = default;
};

/// PIP-6: whether a public address is open or closed where no security group says anything.
enum class PublicIpAddressSku { Basic, Standard };

/// Azure's spelling: `Inbound`, `Allow`, `Tcp`, `*`, `Standard`.
std::string_view to_string(RuleDirection direction);
std::string_view to_string(RuleAccess access);
std::string_view to_string(RuleProtocol protocol);
std::string_view to_string(PublicIpAddressSku sku);
/// `80`, `8000-8080`, `*`.
std::string to_string(const PortRange& range);

}  // namespace emu
