// SPDX-License-Identifier: Apache-2.0
#include "netns/base/address.hpp"

#include <gtest/gtest.h>

using netns::Ipv4Address;
using netns::Ipv4Prefix;

TEST(Ipv4Address, PrintsWhatItParsed) { EXPECT_EQ(to_string(Ipv4Address::parse("203.0.113.4").value()), "203.0.113.4"); }

TEST(Ipv4Address, RefusesEverythingButDottedQuads) {
  for (const char* text : {"", "10", "10.0.0", "10.0.0.256", "10.0.0.1 ", "::1", "010.0.0.1x"})
    EXPECT_FALSE(Ipv4Address::parse(text)) << text;
}

TEST(Ipv4Prefix, RefusesLengthsThatAreNone) {
  for (const char* text : {"10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "/8"})
    EXPECT_FALSE(Ipv4Prefix::parse(text)) << text;
}

TEST(Ipv4Prefix, KnowsItsEnds) {
  const auto prefix = Ipv4Prefix::parse("10.0.3.5/24").value();
  EXPECT_TRUE(prefix.has_host_bits());
  EXPECT_EQ(to_string(prefix.normalized()), "10.0.3.0/24");
  EXPECT_EQ(to_string(prefix.first()), "10.0.3.0");
  EXPECT_EQ(to_string(prefix.last()), "10.0.3.255");
  EXPECT_EQ(Ipv4Prefix::parse("0.0.0.0/0").value().last(), Ipv4Address::parse("255.255.255.255").value());
}

TEST(Ipv4Prefix, OverlapsWhenOneHoldsTheOther) {
  const auto wide = Ipv4Prefix::parse("10.0.0.0/8").value();
  const auto narrow = Ipv4Prefix::parse("10.1.0.0/16").value();
  const auto other = Ipv4Prefix::parse("10.2.0.0/16").value();
  EXPECT_TRUE(wide.overlaps(narrow));
  EXPECT_TRUE(narrow.overlaps(wide));
  EXPECT_FALSE(narrow.overlaps(other));
}
