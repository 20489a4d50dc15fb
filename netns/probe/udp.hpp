// SPDX-License-Identifier: Apache-2.0
// netns/probe/udp.hpp — does a UDP datagram arrive?
//
// Theory of operation. Who gets a datagram need not answer, so what comes back does not tell. The datagram carries a tag
// (netns/capture/packet.hpp), and the caller knows by it whether one was seen where it was sent to. Nobody listens there when an ICMP
// port unreachable comes back.
#pragma once

#include <cstdint>
#include <functional>

#include "netns/base/address.hpp"
#include "netns/probe/answer.hpp"

namespace netns {

/// Sends datagrams with `tag` from the calling thread's namespace until one was seen at its target and not refused.
/// @param has_arrived  whether one was seen there by now
/// @return Reply, with a round trip only when a datagram came back; Refused for an ICMP port unreachable; Unreachable for other errors
/// @throws KernelError when the kernel refuses the socket
ProbeAnswer send_udp(Ipv4Address target, std::uint16_t port, std::uint32_t tag, const Patience& patience,
                     const std::function<bool()>& has_arrived);

}  // namespace netns
