// SPDX-License-Identifier: Apache-2.0
// netns/ipsec/status.hpp — how a daemon's connections stand, from the daemon itself.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace netns {

enum class IpsecState {
  Idle,         ///< loaded, and nothing goes on
  Negotiating,  ///< the daemons talk, or one of them tries to
  Established,  ///< keys are in the kernel: packets pass
};

struct IpsecStatus {
  IpsecState state = IpsecState::Idle;
  std::optional<std::chrono::sys_seconds> established_since;
  std::string ike_algorithms;  ///< as negotiated, in libreswan's words: `AES_CBC_256-HMAC_SHA2_256-MODP2048`
  std::string esp_algorithms;
  std::string trouble;  ///< why the last attempt failed, in the daemon's words; empty when it did not

  bool operator==(const IpsecStatus&) const = default;
};

using IpsecStatuses = std::map<std::string, IpsecStatus>;  ///< by connection

/// Asks the daemon of `folder`. Empty when no daemon answers.
/// @throws KernelError, CommandError
std::optional<IpsecStatuses> ipsec_status(const std::filesystem::path& folder);

/// What `whack --status` and the daemon's log say together. Pure.
IpsecStatuses parse_ipsec_status(std::string_view status, std::string_view traffic, std::string_view log);

}  // namespace netns
