// SPDX-License-Identifier: Apache-2.0
#include "netns/capture/packet.hpp"

#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <algorithm>

#include "netns/capture/headers.hpp"

namespace netns {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kShortestIpHeader = 20;
constexpr std::size_t kIcmpHeader = 8;           // of UDP as well
constexpr std::size_t kTcpPortsAndSequence = 8;  // all that an ICMP error has to quote of a transport header (RFC 792)
constexpr std::size_t kTcpFlagsEnd = 14;

using Kind = ProbePacket::Kind;

std::uint32_t read16(Bytes bytes, std::size_t at) { return (std::uint32_t{bytes[at]} << 8U) | bytes[at + 1]; }
std::uint32_t read32(Bytes bytes, std::size_t at) { return (read16(bytes, at) << 16U) | read16(bytes, at + 2); }

/// An IPv4 packet up to its transport header, which `payload` starts with; `payload` may be cut.
struct IpPacket {
  std::uint8_t protocol = 0;
  Ipv4Address source;
  Ipv4Address destination;
  Bytes payload;
};

std::optional<IpPacket> parse_ip(Bytes packet) {
  if (packet.size() < kShortestIpHeader) return std::nullopt;
  const auto header_length = std::size_t{packet[0] & 15U} * 4;
  const bool later_fragment = (read16(packet, 6) & 0x1fffU) != 0;
  if (packet[0] >> 4U != 4 || header_length < kShortestIpHeader || packet.size() < header_length || later_fragment) return std::nullopt;
  return IpPacket{packet[9], {read32(packet, 12)}, {read32(packet, 16)}, packet.subspan(header_length)};
}

/// Of an ICMP echo, or a UDP datagram.
std::optional<std::uint32_t> payload_tag(Bytes message) {
  constexpr std::size_t kTagOffset = kIcmpHeader + kEchoSignature.size();
  if (message.size() < kTagOffset + 4) return std::nullopt;
  if (!std::ranges::equal(message.subspan(kIcmpHeader, kEchoSignature.size()), kEchoSignature)) return std::nullopt;
  return read32(message, kTagOffset);
}

/// The tag of the request that an ICMP error is about.
std::optional<std::uint32_t> quoted_tag(Bytes icmp) {
  if (icmp.size() < kIcmpHeader) return std::nullopt;
  const auto about = parse_ip(icmp.subspan(kIcmpHeader));
  if (!about) return std::nullopt;
  const auto& quoted = about->payload;
  if (about->protocol == IPPROTO_UDP) return payload_tag(quoted);
  if (about->protocol == IPPROTO_ICMP) return !quoted.empty() && quoted[0] == ICMP_ECHO ? payload_tag(quoted) : std::nullopt;
  if (about->protocol != IPPROTO_TCP || quoted.size() < kTcpPortsAndSequence) return std::nullopt;
  return read32(quoted, 4);
}

struct KindAndTag {
  Kind kind;
  std::uint32_t tag;
};

std::optional<KindAndTag> read_icmp(Bytes icmp) {
  const auto as = [](Kind kind, std::optional<std::uint32_t> tag) { return tag ? std::optional(KindAndTag{kind, *tag}) : std::nullopt; };
  if (icmp.size() < 2) return std::nullopt;
  switch (icmp[0]) {
    case ICMP_ECHO: return as(Kind::Echo, payload_tag(icmp));
    case ICMP_ECHOREPLY: return as(Kind::EchoReply, payload_tag(icmp));
    case ICMP_DEST_UNREACH:
    case ICMP_REDIRECT:
    case ICMP_TIME_EXCEEDED:
    case ICMP_PARAMETERPROB: return as(Kind::IcmpError, quoted_tag(icmp));
    default: return std::nullopt;
  }
}

std::optional<KindAndTag> read_tcp(Bytes tcp) {
  if (tcp.size() < kTcpFlagsEnd) return std::nullopt;
  const auto answered = read32(tcp, 8) - 1;
  switch (tcp[13] & (kSyn | kAck | kReset)) {
    case kSyn: return KindAndTag{Kind::Syn, read32(tcp, 4)};
    case kSyn | kAck: return KindAndTag{Kind::SynAck, answered};
    case kReset | kAck: return KindAndTag{Kind::Reset, answered};
    default: return std::nullopt;
  }
}

std::optional<KindAndTag> read_transport(std::uint8_t protocol, Bytes payload) {
  if (protocol == IPPROTO_TCP) return read_tcp(payload);
  if (protocol == IPPROTO_ICMP) return read_icmp(payload);
  const auto tag = protocol == IPPROTO_UDP ? payload_tag(payload) : std::nullopt;
  return tag ? std::optional(KindAndTag{Kind::Datagram, *tag}) : std::nullopt;
}

}  // namespace

std::optional<ProbePacket> parse_probe_packet(Bytes frame) {
  if (frame.size() < kEthernetHeader || read16(frame, 12) != ETHERTYPE_IP) return std::nullopt;
  const auto packet = parse_ip(frame.subspan(kEthernetHeader));
  if (!packet) return std::nullopt;
  const auto read = read_transport(packet->protocol, packet->payload);
  if (!read) return std::nullopt;
  ProbePacket probe{read->kind, packet->source, packet->destination, read->tag};
  if (read->kind == Kind::Syn || read->kind == Kind::Datagram) probe.port = static_cast<std::uint16_t>(read16(packet->payload, 2));
  if (read->kind == Kind::IcmpError) {
    probe.icmp_type = packet->payload[0];
    probe.icmp_code = packet->payload[1];
  }
  return probe;
}

}  // namespace netns
