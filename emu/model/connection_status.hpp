// SPDX-License-Identifier: Apache-2.0
// emu/model/connection_status.hpp — how a tunnel does, which only the kernel and the IKE daemon know.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace emu {

struct ConnectionStatus {
  /// VPN-28.
  enum class State { Unknown, Connecting, Connected, NotConnected };

  std::string name;  ///< of the connection
  State connection_status = State::Unknown;
  std::uint64_t ingress_bytes = 0;  ///< what Azure's end received (VPN-30)
  std::uint64_t egress_bytes = 0;   ///< what Azure's end sent
  std::optional<std::chrono::system_clock::time_point> established_since;
  std::string ike_algorithms;  ///< as negotiated; empty until then
  std::string esp_algorithms;
  std::string reason;  ///< why it is not Connected; empty when it is, or when nobody knows

  bool operator==(const ConnectionStatus&) const = default;
};

/// Azure's spelling: `NotConnected`.
std::string_view to_string(ConnectionStatus::State state);

}  // namespace emu
