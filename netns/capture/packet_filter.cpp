// SPDX-License-Identifier: Apache-2.0
#include "netns/capture/packet_filter.hpp"

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <netinet/in.h>

#include "netns/capture/headers.hpp"

namespace netns {
namespace {

// Offsets count from the network header, so the program holds for links with and without an Ethernet header.
constexpr auto kNetwork = static_cast<std::uint32_t>(SKF_NET_OFF);
constexpr auto kProtocol = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL);
constexpr std::uint32_t kFragmentAndProtocol = kNetwork + 6;
constexpr std::uint32_t kIpProtocol = kNetwork + 9;
constexpr std::uint32_t kTcpFlags = kNetwork + 13;  // from the end of the IP header, in X
constexpr std::uint32_t kKeptBytes = 14 + 60 + 60;  // Ethernet, IP and TCP with all options; an echo's tag is well inside
constexpr std::uint32_t kFragmentOffsetBits = 0x1fff;
constexpr std::uint32_t kEchoRequest = 8;
constexpr std::uint32_t kUdpPayload = kNetwork + 8;     // from the end of the IP header, in X
constexpr std::uint32_t kSignatureStart = 0x6e65746eU;  // of kEchoSignature

constexpr BpfInstruction load(int size_and_mode, std::uint32_t offset) {
  return {static_cast<std::uint16_t>(BPF_LD | size_and_mode), 0, 0, offset};
}

/// Skips `otherwise` instructions when the accumulator is not `value`.
constexpr BpfInstruction unless_equal(std::uint32_t value, std::uint8_t otherwise) {
  return {BPF_JMP | BPF_JEQ | BPF_K, 0, otherwise, value};
}

}  // namespace

PacketFilter requests_only() {
  return {
      /*  0 */ load(BPF_H | BPF_ABS, kProtocol),
      /*  1 */ unless_equal(ETH_P_IP, 17),
      /*  2 */ load(BPF_H | BPF_ABS, kFragmentAndProtocol),
      /*  3 */ {BPF_JMP | BPF_JSET | BPF_K, 15, 0, kFragmentOffsetBits},
      /*  4 */ {BPF_LDX | BPF_MSH | BPF_B, 0, 0, kNetwork},
      /*  5 */ load(BPF_B | BPF_ABS, kIpProtocol),
      /*  6 */ unless_equal(IPPROTO_TCP, 4),
      /*  7 */ load(BPF_B | BPF_IND, kTcpFlags),
      /*  8 */ {BPF_ALU | BPF_AND | BPF_K, 0, 0, kSyn | kAck},
      /*  9 */ unless_equal(kSyn, 9),
      /* 10 */ {BPF_JMP | BPF_JA, 0, 0, 7},
      /* 11 */ unless_equal(IPPROTO_ICMP, 3),
      /* 12 */ load(BPF_B | BPF_IND, kNetwork),
      /* 13 */ unless_equal(kEchoRequest, 5),
      /* 14 */ {BPF_JMP | BPF_JA, 0, 0, 3},
      /* 15 */ unless_equal(IPPROTO_UDP, 3),
      /* 16 */ load(BPF_W | BPF_IND, kUdpPayload),
      /* 17 */ unless_equal(kSignatureStart, 1),
      /* 18 */ {BPF_RET | BPF_K, 0, 0, kKeptBytes},
      /* 19 */ {BPF_RET | BPF_K, 0, 0, 0},
  };
}

PacketFilter requests_and_answers() {
  return {
      /*  0 */ load(BPF_H | BPF_ABS, kProtocol),
      /*  1 */ unless_equal(ETH_P_IP, 9),
      /*  2 */ load(BPF_H | BPF_ABS, kFragmentAndProtocol),
      /*  3 */ {BPF_JMP | BPF_JSET | BPF_K, 7, 0, kFragmentOffsetBits},
      /*  4 */ {BPF_LDX | BPF_MSH | BPF_B, 0, 0, kNetwork},
      /*  5 */ load(BPF_B | BPF_ABS, kIpProtocol),
      /*  6 */ unless_equal(IPPROTO_TCP, 2),
      /*  7 */ load(BPF_B | BPF_IND, kTcpFlags),
      /*  8 */ {BPF_JMP | BPF_JSET | BPF_K, 1, 2, kSyn | kReset},
      /*  9 */ unless_equal(IPPROTO_ICMP, 1),
      /* 10 */ {BPF_RET | BPF_K, 0, 0, kKeptBytes},
      /* 11 */ {BPF_RET | BPF_K, 0, 0, 0},
  };
}

}  // namespace netns
