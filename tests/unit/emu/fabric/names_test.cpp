// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/names.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

using testing::StartsWith;

namespace {

constexpr std::size_t kLongest = 15;  // IFNAMSIZ less its terminating zero

const std::vector<std::function<std::string(std::string_view)>> kLinkNames{emu::port_name,
                                                                           emu::peering_link_name,
                                                                           emu::internet_to_network_name,
                                                                           emu::internet_to_host_name,
                                                                           [](std::string_view name) { return emu::bridge_name(name, 0); },
                                                                           [](std::string_view name) { return emu::bridge_name(name, 7); }};

std::string long_name(int i) { return fmt::format("a-machine-with-a-long-name-{:04}", i); }

}  // namespace

TEST(LinkNames, OfShortResourcesAreReadable) {
  EXPECT_EQ(emu::port_name("vm1"), "vm-vm1");
  EXPECT_EQ(emu::port_name("twelve-bytes"), "vm-twelve-bytes");
  EXPECT_EQ(emu::bridge_name("default", 0), "br-default");
  EXPECT_EQ(emu::bridge_name("default", 1), "br-default#1");
  EXPECT_EQ(emu::peering_link_name("hub"), "peer-hub");
}

TEST(LinkNames, FitTheKernel) {
  for (const auto& name : kLinkNames) {
    for (std::size_t size = 1; size <= 80; ++size) EXPECT_LE(name(std::string(size, 'x')).size(), kLongest);
  }
}

TEST(LinkNames, OfLongResourcesKeepPrefixAndFirstLetters) {
  EXPECT_THAT(emu::port_name("thirteen-byte"), StartsWith("vm-thir~"));
  EXPECT_THAT(emu::peering_link_name("a-network-of-many-letters"), StartsWith("peer-a-~"));
}

// They are how a running lab is recognized: another name after an update would rebuild every lab.
TEST(LinkNames, StayTheSame) {
  EXPECT_EQ(emu::port_name(long_name(1)), emu::port_name(long_name(1)));
  EXPECT_EQ(emu::port_name("a-machine-with-a-long-name-0001"), "vm-a-ma~d7nsygo");
}

TEST(LinkNames, Of5000LongResourcesAreDistinct) {
  constexpr int kResources = 5000;
  for (const auto& name : kLinkNames) {
    std::set<std::string> names;
    for (int i = 0; i < kResources; ++i) names.insert(name(long_name(i)));
    EXPECT_EQ(names.size(), kResources);
  }
}

TEST(LinkNames, OfASubnetsBridgesAreDistinct) {
  std::set<std::string> names;
  for (unsigned shard = 0; shard < 65; ++shard) names.insert(emu::bridge_name("a-subnet-of-many-machines", shard));
  EXPECT_EQ(names.size(), 65U);
}
