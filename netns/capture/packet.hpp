// SPDX-License-Identifier: Apache-2.0
// netns/capture/packet.hpp — the few header fields that tell one probe's packets from all others.
//
// A probe puts a number of its own, its tag, where no router and no NAT changes it: into the payload of an ICMP echo or of a UDP
// datagram, or as the initial sequence number of a TCP connection. Whoever sees the packet on a link can read the tag back, and from what
// answers it as well: a reply brings the payload back, a TCP answer acknowledges the number, an ICMP error quotes the packet that it is
// about.
//
//   echo request   | IP | type 8, code 0, id, sequence | "netnsecho" padded to 12 bytes | tag, 4 bytes |
//   echo reply     | IP | type 0, the rest as it came
//   UDP datagram   | IP | ports, length, checksum | "netnsecho" padded to 12 bytes | tag, 4 bytes |
//   TCP SYN        | IP | ports | sequence number = tag | ...
//   SYN,ACK or RST | IP | ports | sequence number | acknowledgement number = tag + 1 | ...
//   ICMP error     | IP | type 3, 5, 11 or 12 | IP | the first bytes of the request |
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "netns/base/address.hpp"

namespace netns {

/// What stands before a tag in the payload of an echo or a datagram.
inline constexpr std::array<std::uint8_t, 12> kEchoSignature = {'n', 'e', 't', 'n', 's', 'e', 'c', 'h', 'o', 0, 0, 0};

/// A packet of a probe as it looked on some link; addresses are those of that link, before or after a translation.
struct ProbePacket {
  enum class Kind {
    Echo,
    EchoReply,
    Syn,
    Datagram,
    SynAck,
    Reset,
    IcmpError,  ///< about one of the requests
  };
  Kind kind = Kind::Echo;
  Ipv4Address source;
  Ipv4Address destination;
  std::uint32_t tag = 0;       ///< of a connection: its initial sequence number, whoever opened it
  std::uint8_t icmp_type = 0;  ///< of an IcmpError
  std::uint8_t icmp_code = 0;
  std::uint16_t port = 0;  ///< of a SYN or a datagram: the one that it is for

  bool is_request() const { return kind == Kind::Echo || kind == Kind::Syn || kind == Kind::Datagram; }

  bool operator==(const ProbePacket&) const = default;
};

/// Reads an ICMP echo or a UDP datagram that carries our signature, or the answer to an echo; a TCP SYN, with ACK or without; a TCP RST
/// that acknowledges; an ICMP error that quotes one of the requests. Other packets, later fragments and frames cut too short give nothing.
/// Only IPv4 in untagged Ethernet; IP options are skipped.
std::optional<ProbePacket> parse_probe_packet(std::span<const std::uint8_t> frame);

}  // namespace netns
