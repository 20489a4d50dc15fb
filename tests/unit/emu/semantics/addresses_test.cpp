// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/addresses.hpp"

#include <gtest/gtest.h>

#include "tests/unit/emu/sample_model.hpp"

using emu::is_reserved;
using emu::usable_addresses;
using emu::sample::address;
using emu::sample::prefix;

TEST(ReservedAddresses, AreTheFirstFourAndTheLastOfEachSubnet) {  // SUB-2
  const auto subnet = prefix("10.0.0.128/26");
  for (const auto* kept : {"10.0.0.128", "10.0.0.129", "10.0.0.130", "10.0.0.131", "10.0.0.191"})
    EXPECT_TRUE(is_reserved(subnet, address(kept))) << kept;
  for (const auto* free : {"10.0.0.132", "10.0.0.190"}) EXPECT_FALSE(is_reserved(subnet, address(free))) << free;
}

TEST(UsableAddresses, AreAllButFive) {  // SUB-2
  EXPECT_EQ(usable_addresses(prefix("10.0.0.0/29")), 3U);
  EXPECT_EQ(usable_addresses(prefix("10.0.0.0/24")), 251U);
  EXPECT_EQ(usable_addresses(prefix("64.0.0.0/2")), 1073741819U);
  EXPECT_EQ(usable_addresses(prefix("10.0.0.0/30")), 0U);
  EXPECT_EQ(usable_addresses(prefix("10.0.0.0/32")), 0U);
}

TEST(InternetRanges, AreThoseOfTheDocumentation) {
  EXPECT_EQ(emu::kInternetRanges[0], prefix("203.0.113.0/24"));
  EXPECT_EQ(emu::kInternetRanges[1], prefix("198.51.100.0/24"));
  EXPECT_EQ(emu::kInternetRanges[2], prefix("192.0.2.0/24"));
  EXPECT_EQ(emu::kInternetRanges[3], prefix("198.18.0.0/16"));
  EXPECT_EQ(emu::kServicesRange, prefix("198.19.0.0/16"));
}
