// SPDX-License-Identifier: Apache-2.0
// netns/ipsec/status.hpp — how a daemon's connections stand, from the daemon itself and from its log.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace netns {

enum class IpsecState {
  Idle,         ///< loaded, and nothing goes on
  Negotiating,  ///< the daemons talk, or one of them tries to
  Established,  ///< it gave the kernel keys
};

struct IpsecStatus {
  IpsecState state = IpsecState::Idle;
  std::string ike_algorithms;  ///< as negotiated, in libreswan's words: `AES_CBC_256-HMAC_SHA2_256-MODP2048`
  std::string esp_algorithms;

  bool operator==(const IpsecStatus&) const = default;
};

using IpsecStatuses = std::map<std::string, IpsecStatus>;  ///< by connection

/// Asks the daemon of `folder`. Empty when no daemon answers.
/// @throws KernelError, CommandError
std::optional<IpsecStatuses> ipsec_status(const std::filesystem::path& folder);

/// What `whack --status` says. Pure.
IpsecStatuses parse_ipsec_status(std::string_view text);

/// By connection: why its last try failed, in the daemon's words. Those that did not fail, or have no outcome yet, are not in it.
using IpsecTroubles = std::map<std::string, std::string>;

/// Of the daemon of `folder`, whether it runs or not.
IpsecTroubles ipsec_troubles(const std::filesystem::path& folder);

/// What a daemon's log says. A connection that was just added to the daemon has no trouble. Pure.
IpsecTroubles parse_ipsec_log(std::string_view text);

/// Leaves a line in the log of the daemon of `folder` that makes an end of what went wrong with `connection` before.
/// @throws KernelError
void forget_ipsec_trouble(const std::filesystem::path& folder, std::string_view connection);

}  // namespace netns
