// SPDX-License-Identifier: Apache-2.0
#include "netns/flows/packet_log.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using Bytes = std::vector<std::uint8_t>;

/// IPv4 with `words` words of options, from 10.0.0.4 to 10.0.1.4.
Bytes packet(std::uint8_t protocol, const Bytes& payload, std::uint8_t words = 0, std::uint8_t fragment = 0) {
  Bytes bytes{static_cast<std::uint8_t>(0x45 + words), 0, 0, 0, 0, 0, 0, fragment, 64, protocol, 0, 0, 10, 0, 0, 4, 10, 0, 1, 4};
  bytes.resize(bytes.size() + words * 4U);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

const Bytes kPorts{0xc3, 0x50, 0, 80, 0, 0, 0, 0};
constexpr netns::Ipv4Address kFrom{0x0a000004};
constexpr netns::Ipv4Address kTo{0x0a000104};

}  // namespace

TEST(LoggedPacket, HasTheEndsOfItsHeaders) {
  EXPECT_EQ(netns::parse_logged_packet(packet(6, kPorts))->ends, (netns::FlowEnds{6, kFrom, kTo, 50000, 80}));
  EXPECT_EQ(netns::parse_logged_packet(packet(17, kPorts, 10))->ends, (netns::FlowEnds{17, kFrom, kTo, 50000, 80})) << "behind options";
  const auto echo = netns::parse_logged_packet(packet(1, {8, 0, 0, 0, 0x12, 0x34, 0, 1}));
  EXPECT_EQ(echo->ends, (netns::FlowEnds{1, kFrom, kTo, 0, 0}));
  EXPECT_EQ(echo->echo_id, 0x1234);
}

TEST(LoggedPacket, WithoutWholeHeadersHasNoPorts) {
  EXPECT_EQ(netns::parse_logged_packet(packet(6, kPorts, 0, 1))->ends, (netns::FlowEnds{6, kFrom, kTo, 0, 0})) << "a later fragment";
  EXPECT_EQ(netns::parse_logged_packet(packet(6, {0xc3, 0x50}))->ends, (netns::FlowEnds{6, kFrom, kTo, 0, 0}));
  EXPECT_EQ(netns::parse_logged_packet(packet(50, kPorts))->ends, (netns::FlowEnds{50, kFrom, kTo, 0, 0}));
  EXPECT_EQ(netns::parse_logged_packet(Bytes(19, 0x45)), std::nullopt);
  EXPECT_EQ(netns::parse_logged_packet(Bytes(40, 0x60)), std::nullopt) << "IPv6";
}
