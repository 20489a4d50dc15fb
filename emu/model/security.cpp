// SPDX-License-Identifier: Apache-2.0
#include "emu/model/security.hpp"

#include <fmt/format.h>

namespace emu {

std::string_view to_string(RuleDirection direction) { return direction == RuleDirection::Inbound ? "Inbound" : "Outbound"; }

std::string_view to_string(RuleAccess access) { return access == RuleAccess::Allow ? "Allow" : "Deny"; }

std::string_view to_string(RuleProtocol protocol) {
  switch (protocol) {
    case RuleProtocol::Any: return "*";
    case RuleProtocol::Tcp: return "Tcp";
    case RuleProtocol::Udp: return "Udp";
    case RuleProtocol::Icmp: return "Icmp";
    case RuleProtocol::Esp: return "Esp";
    case RuleProtocol::Ah: return "Ah";
  }
  return "";
}

std::string_view to_string(PublicIpAddressSku sku) { return sku == PublicIpAddressSku::Basic ? "Basic" : "Standard"; }

std::string to_string(const PortRange& range) {
  if (range.is_all()) return "*";
  return range.first == range.last ? std::to_string(range.first) : fmt::format("{}-{}", range.first, range.last);
}

}  // namespace emu
