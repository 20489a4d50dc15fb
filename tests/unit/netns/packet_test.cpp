// SPDX-License-Identifier: Apache-2.0
#include "netns/capture/packet.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "netns/probe/echo.hpp"

using netns::echo_request;
using netns::Ipv4Address;
using netns::parse_probe_packet;
using netns::ProbePacket;

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint32_t kTag = 0x01020304;
const Ipv4Address kSource{0x0a010004};
const Ipv4Address kDestination{0x0a020004};

/// An Ethernet frame from 10.1.0.4 to 10.2.0.4.
/// @param options  bytes of IP options, a multiple of four
Bytes frame(std::uint8_t protocol, const Bytes& payload, std::size_t options = 0, std::uint16_t fragment = 0) {
  Bytes out(34 + options, 1);
  std::fill_n(out.begin(), 34, std::uint8_t{0});
  out[12] = 0x08;
  out[14] = static_cast<std::uint8_t>(0x40U | (5 + options / 4));
  out[20] = static_cast<std::uint8_t>(fragment >> 8U);
  out[21] = static_cast<std::uint8_t>(fragment);
  out[23] = protocol;
  std::ranges::copy(std::array<std::uint8_t, 8>{10, 1, 0, 4, 10, 2, 0, 4}, out.begin() + 26);
  std::ranges::copy(payload, std::back_inserter(out));
  return out;
}

Bytes tcp(std::uint8_t flags) {
  Bytes out(20, 0);
  std::ranges::copy(std::array<std::uint8_t, 4>{1, 2, 3, 4}, out.begin() + 4);  // the sequence number is kTag
  out[12] = 0x50;
  out[13] = flags;
  return out;
}

}  // namespace

TEST(ParseProbePacket, ReadsTheTagOfAnEcho) {
  EXPECT_EQ(parse_probe_packet(frame(kIcmp, echo_request(kTag, 3))), (ProbePacket{ProbePacket::Kind::Echo, kSource, kDestination, kTag}));
}

TEST(ParseProbePacket, ReadsTheSequenceNumberOfASyn) {
  EXPECT_EQ(parse_probe_packet(frame(kTcp, tcp(0x02))), (ProbePacket{ProbePacket::Kind::Syn, kSource, kDestination, kTag}));
}

TEST(ParseProbePacket, SynMayAskForEcn) { EXPECT_TRUE(parse_probe_packet(frame(kTcp, tcp(0xc2)))); }

/// An ICMP error that quotes `about`, an Ethernet frame.
Bytes icmp_error(std::uint8_t type, std::uint8_t code, const Bytes& about) {
  Bytes out{type, code, 0, 0, 0, 0, 0, 0};
  std::copy(about.begin() + 14, about.end(), std::back_inserter(out));
  return out;
}

Bytes udp(std::uint32_t tag) {
  auto out = echo_request(tag, 0);  // as long a header before the same payload
  std::ranges::copy(std::array<std::uint8_t, 4>{0xc0, 0, 0, 53}, out.begin());
  return out;
}

TEST(ParseProbePacket, ReadsTheTagOfADatagramAndOfAnErrorAboutIt) {
  EXPECT_EQ(parse_probe_packet(frame(17, udp(kTag))), (ProbePacket{ProbePacket::Kind::Datagram, kSource, kDestination, kTag, 0, 0, 53}));
  EXPECT_EQ(parse_probe_packet(frame(kIcmp, icmp_error(3, 3, frame(17, udp(kTag))))),
            (ProbePacket{ProbePacket::Kind::IcmpError, kSource, kDestination, kTag, 3, 3}));
}

TEST(ParseProbePacket, SkipsIpOptions) {
  EXPECT_EQ(parse_probe_packet(frame(kTcp, tcp(0x02), 40)).value().tag, kTag);
  EXPECT_EQ(parse_probe_packet(frame(kIcmp, echo_request(kTag, 0), 4)).value().tag, kTag);
}

TEST(ParseProbePacket, ReadsTheTagOfAnEchosAnswer) {
  auto reply = echo_request(kTag, 0);
  reply[0] = 0;
  EXPECT_EQ(parse_probe_packet(frame(kIcmp, reply)), (ProbePacket{ProbePacket::Kind::EchoReply, kSource, kDestination, kTag}));
}

TEST(ParseProbePacket, ReadsWhatATcpAnswerAcknowledges) {
  auto answer = tcp(0x12);
  std::ranges::copy(std::array<std::uint8_t, 4>{1, 2, 3, 5}, answer.begin() + 8);  // kTag + 1
  EXPECT_EQ(parse_probe_packet(frame(kTcp, answer)), (ProbePacket{ProbePacket::Kind::SynAck, kSource, kDestination, kTag}));
  answer[13] = 0x14;
  EXPECT_EQ(parse_probe_packet(frame(kTcp, answer)), (ProbePacket{ProbePacket::Kind::Reset, kSource, kDestination, kTag}));
}

TEST(ParseProbePacket, OtherTcpIsOfNoProbe) {
  for (const int flags : {0x10, 0x04, 0x11, 0x18, 0x06})
    EXPECT_FALSE(parse_probe_packet(frame(kTcp, tcp(static_cast<std::uint8_t>(flags))))) << flags;
}

TEST(ParseProbePacket, ReadsTheTagThatAnIcmpErrorQuotes) {
  const ProbePacket unreachable{ProbePacket::Kind::IcmpError, kSource, kDestination, kTag, 3, 1};
  EXPECT_EQ(parse_probe_packet(frame(kIcmp, icmp_error(3, 1, frame(kIcmp, echo_request(kTag, 3))))), unreachable);
  EXPECT_EQ(parse_probe_packet(frame(kIcmp, icmp_error(3, 1, frame(kTcp, tcp(0x02))))), unreachable);
  auto only_eight_bytes = frame(kTcp, tcp(0x02), 4);
  only_eight_bytes.resize(14 + 24 + 8);
  EXPECT_EQ(parse_probe_packet(frame(kIcmp, icmp_error(3, 1, only_eight_bytes))), unreachable);
  EXPECT_FALSE(parse_probe_packet(frame(kIcmp, icmp_error(3, 1, frame(17, tcp(0x02))))));
  EXPECT_FALSE(parse_probe_packet(frame(kIcmp, icmp_error(13, 0, frame(kTcp, tcp(0x02))))));
}

TEST(ParseProbePacket, EchoesOfOthersCarryNoTag) {
  auto strange = echo_request(kTag, 0);
  strange[8] ^= 1U;
  EXPECT_FALSE(parse_probe_packet(frame(kIcmp, strange)));
}

TEST(ParseProbePacket, OnlyTheFirstFragmentHasAHeader) {
  EXPECT_TRUE(parse_probe_packet(frame(kTcp, tcp(0x02), 0, 0x2000)));
  EXPECT_FALSE(parse_probe_packet(frame(kTcp, tcp(0x02), 0, 0x0001)));
}

TEST(ParseProbePacket, OtherProtocolsAreNotRequests) {
  EXPECT_FALSE(parse_probe_packet(frame(17, tcp(0x02))));
  auto arp = frame(kTcp, tcp(0x02));
  arp[13] = 0x06;
  EXPECT_FALSE(parse_probe_packet(arp));
  auto six = frame(kTcp, tcp(0x02));
  six[14] = 0x65;
  EXPECT_FALSE(parse_probe_packet(six));
}

TEST(ParseProbePacket, SurvivesEveryCutAndEveryHeaderLength) {
  for (const auto& whole : {frame(kTcp, tcp(0x02), 8), frame(kIcmp, echo_request(kTag, 0), 8),
                            frame(kIcmp, icmp_error(11, 0, frame(kIcmp, echo_request(kTag, 0), 8)), 8)}) {
    for (std::size_t length = 0; length <= whole.size(); ++length) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      const auto request = parse_probe_packet(cut);
      EXPECT_TRUE(!request || request->tag == kTag) << length;
    }
    for (unsigned words = 0; words < 16; ++words) {
      auto changed = whole;
      changed[14] = static_cast<std::uint8_t>(0x40 | words);
      EXPECT_TRUE(words >= 5 || !parse_probe_packet(changed)) << words;
      parse_probe_packet(changed);
    }
  }
}

TEST(EchoRequest, HasAChecksumThatMakesTheSumWhole) {
  EXPECT_EQ(netns::internet_checksum(echo_request(kTag, 7)), 0);
  // The example of RFC 1071, section 3.
  EXPECT_EQ(netns::internet_checksum(Bytes{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}), 0xffff - 0xddf2);
  EXPECT_EQ(netns::internet_checksum(Bytes{0xff}), 0x00ff);
}
