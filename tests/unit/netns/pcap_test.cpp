// SPDX-License-Identifier: Apache-2.0
#include "netns/capture/pcap.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

using netns::PcapStream;
using std::chrono::nanoseconds;

namespace {

std::uint32_t word(std::span<const std::uint8_t> bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

}  // namespace

TEST(PcapStream, StartsWithTheHeaderOfANanosecondEthernetFile) {
  const PcapStream pcap;
  const auto header = pcap.pending();
  ASSERT_EQ(header.size(), 24U);
  EXPECT_EQ(word(header, 0), 0xa1b23c4d);
  EXPECT_EQ(word(header, 4), 2U | 4U << 16U);
  EXPECT_EQ(word(header, 16), 262144U);
  EXPECT_EQ(word(header, 20), 1U);
}

TEST(PcapStream, APacketKeepsItsTimeAndBothItsLengths) {
  PcapStream pcap;
  pcap.clear();
  const std::vector<std::uint8_t> frame{1, 2, 3};
  pcap.add(nanoseconds{1'700'000'000'000'000'042}, frame, 1500);
  const auto record = pcap.pending();
  ASSERT_EQ(record.size(), 16U + 3);
  EXPECT_EQ(word(record, 0), 1'700'000'000U);
  EXPECT_EQ(word(record, 4), 42U);
  EXPECT_EQ(word(record, 8), 3U);
  EXPECT_EQ(word(record, 12), 1500U);
  EXPECT_EQ(record[18], 3);
}

TEST(PcapStream, PacketsFollowEachOtherUntilTheyAreTaken) {
  PcapStream pcap;
  pcap.add({}, {}, 0);
  pcap.add({}, {}, 0);
  EXPECT_EQ(pcap.pending().size(), 24U + 16 + 16);
  pcap.clear();
  EXPECT_TRUE(pcap.pending().empty());
}

TEST(PcapStream, CutsWhatNoReaderWouldTake) {
  PcapStream pcap;
  pcap.clear();
  const std::vector<std::uint8_t> frame(PcapStream::kSnapLength + 1);
  pcap.add({}, frame, static_cast<std::uint32_t>(frame.size()));
  EXPECT_EQ(word(pcap.pending(), 8), PcapStream::kSnapLength);
  EXPECT_EQ(word(pcap.pending(), 12), PcapStream::kSnapLength + 1);
}
