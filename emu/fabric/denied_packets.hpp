// SPDX-License-Identifier: Apache-2.0
// emu/fabric/denied_packets.hpp — how a router's rules pass on what they deny: the part that rules and collector have to agree on.
#pragma once

#include <cstdint>
#include <string_view>

namespace emu {

/// The group that rules log to.
inline constexpr std::uint16_t kDeniedGroup = 76;
/// Denied at the interface that sends.
inline constexpr std::string_view kDeniedOutbound = "O";
/// Denied at the interface that would receive.
inline constexpr std::string_view kDeniedInbound = "I";

}  // namespace emu
