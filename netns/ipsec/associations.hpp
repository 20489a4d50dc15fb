// SPDX-License-Identifier: Apache-2.0
// netns/ipsec/associations.hpp — the keys that the kernel has, whoever set them: what packets are encrypted with, now.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <string_view>

#include "netns/base/address.hpp"

namespace netns {

/// One direction of a tunnel (RFC 4301, 4.1). Both ends know it by the same three numbers.
struct SecurityAssociation {
  Ipv4Address source;
  Ipv4Address destination;
  std::uint32_t spi = 0;

  auto operator<=>(const SecurityAssociation&) const = default;
};

/// With the time at which each got its keys.
using SecurityAssociations = std::map<SecurityAssociation, std::chrono::sys_seconds>;

/// All of namespace `name_space` that have keys; one that is still being agreed on has none. The calling thread visits the namespace.
/// @throws KernelError
SecurityAssociations security_associations(std::string_view name_space);

/// Removes all of them from namespace `name_space`, and the policies that lead to them. The calling thread visits the namespace.
/// @throws KernelError
void remove_security_associations(std::string_view name_space);

}  // namespace netns
