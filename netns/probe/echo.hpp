// SPDX-License-Identifier: Apache-2.0
// netns/probe/echo.hpp — an ICMP echo of our own, which any tap can tell from every other (RFC 792).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "netns/base/address.hpp"
#include "netns/probe/answer.hpp"

namespace netns {

/// Sends echo requests that carry `tag`, four a second, from the calling thread's namespace until one is answered or `patience`
/// is over. A reply counts only when it comes from `target` and brings the tag back.
/// @throws KernelError when no raw socket can be had (CAP_NET_RAW)
ProbeAnswer ping(Ipv4Address target, std::uint32_t tag, const Patience& patience);

/// The ICMP message that `ping` sends, checksum included.
std::vector<std::uint8_t> echo_request(std::uint32_t tag, std::uint16_t sequence);

/// The Internet checksum (RFC 1071).
std::uint16_t internet_checksum(std::span<const std::uint8_t> bytes);

}  // namespace netns
