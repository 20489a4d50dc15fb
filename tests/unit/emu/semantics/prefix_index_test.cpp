// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/prefix_index.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/unit/emu/sample_model.hpp"

using emu::Ipv4Prefix;
using emu::PrefixIndex;
using emu::sample::prefix;

TEST(PrefixIndex, FindsTheWidestPrefixAround) {
  const PrefixIndex index(emu::sample::prefixes({"10.1.0.0/16", "10.0.0.0/8", "192.168.0.0/24"}));
  EXPECT_EQ(index.containing(prefix("10.1.2.0/24")), prefix("10.0.0.0/8"));
  EXPECT_EQ(index.containing(prefix("192.168.0.0/24")), prefix("192.168.0.0/24"));
  EXPECT_FALSE(index.containing(prefix("192.168.0.0/23")));
  EXPECT_FALSE(PrefixIndex({}).containing(prefix("10.0.0.0/8")));
}

TEST(PrefixIndex, FindsAPrefixInside) {
  const PrefixIndex index(emu::sample::prefixes({"10.1.0.0/16", "255.255.255.255/32"}));
  EXPECT_EQ(index.overlapping(prefix("10.0.0.0/8")), prefix("10.1.0.0/16"));
  EXPECT_EQ(index.overlapping(prefix("255.0.0.0/8")), prefix("255.255.255.255/32"));
  EXPECT_FALSE(index.overlapping(prefix("10.2.0.0/16")));
  EXPECT_FALSE(index.overlapping(prefix("10.0.0.0/16")));
}

TEST(PrefixIndex, AgreesWithComparingEachWithEach) {
  std::mt19937 random(2);
  const auto any = [&] {
    const auto length = static_cast<int>(6 + random() % 27);
    return Ipv4Prefix::of(emu::Ipv4Address{static_cast<std::uint32_t>(random() & 0x00FFFFFFU)}, length);
  };
  std::vector<Ipv4Prefix> prefixes(40);
  std::ranges::generate(prefixes, any);
  std::erase_if(prefixes, [](const auto& p) { return p.length < 10; });
  const PrefixIndex index(prefixes);
  int overlapping = 0;
  for (int i = 0; i < 500; ++i) {
    const auto other = any();
    const bool compared = std::ranges::any_of(prefixes, [&](const auto& p) { return p.overlaps(other); });
    const bool contained = std::ranges::any_of(prefixes, [&](const auto& p) { return p.contains(other); });
    EXPECT_EQ(index.overlapping(other).has_value(), compared) << to_string(other);
    EXPECT_EQ(index.containing(other).has_value(), contained) << to_string(other);
    overlapping += compared ? 1 : 0;
  }
  EXPECT_GT(overlapping, 20);
  EXPECT_LT(overlapping, 480);
}
