// SPDX-License-Identifier: Apache-2.0
// netns/process/listeners.hpp — where something listens in a namespace.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "netns/base/address.hpp"

namespace netns {

/// A TCP socket that listens.
struct Listener {
  Ipv4Address address;  ///< 0.0.0.0: every address; what listens on :: is taken for that, what listens on another IPv6 address is left out
  std::uint16_t port = 0;

  auto operator<=>(const Listener&) const = default;

  bool on_loopback_only() const { return address.value >> 24U == 127; }
};

/// Those of namespace `name`. @throws KernelError
std::vector<Listener> listeners_in(const std::string& name);

}  // namespace netns
