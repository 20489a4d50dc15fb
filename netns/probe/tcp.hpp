// SPDX-License-Identifier: Apache-2.0
// netns/probe/tcp.hpp — a TCP connection whose SYN any tap can tell from every other.
//
// Theory of operation. A SYN has no payload to put a tag into, and NAT changes its addresses and ports, but nothing between two
// hosts changes its sequence number. Linux picks that number at random unless the socket has one already, and TCP_REPAIR lets
// a privileged process give it one before it connects. So the tag is the initial sequence number: known before the packet
// leaves, the same on every link, in every retransmission, and before and after every translation.
#pragma once

#include <cstdint>

#include "netns/base/address.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/probe/answer.hpp"

namespace netns {

struct TcpProbe {
  ProbeAnswer answer;
  UniqueFd connection;  ///< non-blocking; open when the answer is Reply
};

/// Opens a connection from the calling thread's namespace, with `tag` as its initial sequence number. An ICMP error counts as
/// Unreachable also where a program would see ECONNREFUSED (port unreachable): only RST is Refused.
/// @throws KernelError when the kernel refuses the socket or the tag (CAP_NET_ADMIN)
TcpProbe connect_tcp(Ipv4Address target, std::uint16_t port, std::uint32_t tag, const Patience& patience);

}  // namespace netns
