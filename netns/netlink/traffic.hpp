// SPDX-License-Identifier: Apache-2.0
// netns/netlink/traffic.hpp — how many bytes went over a link.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netns {

struct LinkTraffic {
  std::uint64_t received = 0;  ///< bytes
  std::uint64_t sent = 0;

  bool operator==(const LinkTraffic&) const = default;
};

/// Since the link was made. Empty when there is no such link in namespace `name_space`. The calling thread visits the namespace.
/// @throws KernelError
std::optional<LinkTraffic> link_traffic(std::string_view name_space, const std::string& link);

}  // namespace netns
