// SPDX-License-Identifier: Apache-2.0
// netns/capture/headers.hpp — the numbers of packet headers that capturing and reading them share.
#pragma once

#include <cstddef>

namespace netns {

inline constexpr std::size_t kEthernetHeader = 14;  // bytes
// TCP's flags, the 14th byte of its header (RFC 9293).
inline constexpr unsigned kSyn = 0x02;
inline constexpr unsigned kReset = 0x04;
inline constexpr unsigned kAck = 0x10;

}  // namespace netns
