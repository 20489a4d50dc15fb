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
constexpr std::size_t kIcmpHeader = 8;
constexpr std::size_t kTcpFlagsEnd = 14;

std::uint32_t read16(Bytes bytes, std::size_t at) { return (std::uint32_t{bytes[at]} << 8U) | bytes[at + 1]; }
std::uint32_t read32(Bytes bytes, std::size_t at) { return (read16(bytes, at) << 16U) | read16(bytes, at + 2); }

std::optional<std::uint32_t> echo_tag(Bytes icmp) {
  constexpr std::size_t kTagOffset = kIcmpHeader + kEchoSignature.size();
  if (icmp.size() < kTagOffset + 4 || icmp[0] != ICMP_ECHO) return std::nullopt;
  if (!std::ranges::equal(icmp.subspan(kIcmpHeader, kEchoSignature.size()), kEchoSignature)) return std::nullopt;
  return read32(icmp, kTagOffset);
}

std::optional<std::uint32_t> syn_tag(Bytes tcp) {
  if (tcp.size() < kTcpFlagsEnd || (tcp[13] & (kSyn | kAck)) != kSyn) return std::nullopt;
  return read32(tcp, 4);
}

}  // namespace

std::optional<Request> parse_request(Bytes frame) {
  if (frame.size() < kEthernetHeader + kShortestIpHeader || read16(frame, 12) != ETHERTYPE_IP) return std::nullopt;
  const auto packet = frame.subspan(kEthernetHeader);
  const auto header_length = std::size_t{packet[0] & 15U} * 4;
  const bool later_fragment = (read16(packet, 6) & 0x1fffU) != 0;
  if (packet[0] >> 4U != 4 || header_length < kShortestIpHeader || packet.size() < header_length || later_fragment) return std::nullopt;

  const auto payload = packet.subspan(header_length);
  const bool tcp = packet[9] == IPPROTO_TCP;
  if (!tcp && packet[9] != IPPROTO_ICMP) return std::nullopt;
  const auto tag = tcp ? syn_tag(payload) : echo_tag(payload);
  if (!tag) return std::nullopt;
  return Request{tcp ? Request::Kind::Connection : Request::Kind::Echo, {read32(packet, 12)}, {read32(packet, 16)}, *tag};
}

}  // namespace netns
