// SPDX-License-Identifier: Apache-2.0
// emu/fabric/ruleset_parts.hpp — rules that several kinds of namespace have.
#pragma once

#include <string_view>

namespace emu {

/// For an output chain: no hop of the platform's shows itself (L3-6), except to say that a packet is too big.
inline constexpr std::string_view kSilentHop =
    "  icmp type time-exceeded drop\n"
    "  icmp type destination-unreachable icmp code != 4 drop\n";

/// For a forward chain: no TCP segment outgrows a tunnel (L3-8).
inline constexpr std::string_view kTunnelSegments = "  tcp flags & (syn | rst) == syn tcp option maxseg size set 1350\n";

}  // namespace emu
