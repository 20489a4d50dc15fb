// SPDX-License-Identifier: Apache-2.0
// netns/capture/packet.hpp — the few header fields that tell one probe's packets from all others.
//
// A probe puts a number of its own, its tag, where no router and no NAT changes it: into the payload of an ICMP echo, or as
// the initial sequence number of a TCP connection. Whoever sees the packet on a link can read the tag back.
//
//   echo request   | IP | type 8, code 0, id, sequence | "netnsecho" padded to 12 bytes | tag, 4 bytes |
//   TCP SYN        | IP | ports | sequence number = tag | ...
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "netns/base/address.hpp"

namespace netns {

/// What stands before a tag in an echo's payload.
inline constexpr std::array<std::uint8_t, 12> kEchoSignature = {'n', 'e', 't', 'n', 's', 'e', 'c', 'h', 'o', 0, 0, 0};

/// A request as it looked on some link; addresses are those of that link, before or after a translation.
struct Request {
  enum class Kind { Echo, Connection };
  Kind kind = Kind::Echo;
  Ipv4Address source;
  Ipv4Address destination;
  std::uint32_t tag = 0;  ///< of a connection: its initial sequence number, whoever opened it

  bool operator==(const Request&) const = default;
};

/// Reads an ICMP echo request that carries our signature, or a TCP SYN without ACK. Other packets, later fragments and frames
/// cut too short give nothing. Only IPv4 in untagged Ethernet; IP options are skipped.
std::optional<Request> parse_request(std::span<const std::uint8_t> frame);

}  // namespace netns
