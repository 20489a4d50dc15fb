// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/prefix_overlaps.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <utility>

using emu::Ipv4Address;
using emu::Ipv4Prefix;
using emu::OwnedPrefix;

namespace {

/// "outer > inner" for every prefix and each that encloses it.
std::vector<std::string> overlaps(const std::vector<std::string_view>& texts) {
  std::vector<OwnedPrefix> prefixes;
  for (const auto text : texts) prefixes.push_back({Ipv4Prefix::parse(text).value(), prefixes.size(), 0});
  std::vector<std::string> found;
  emu::visit_overlaps(prefixes, [&](auto enclosing, const auto& inner) {
    for (const auto& outer : enclosing) found.push_back(fmt::format("{} > {}", to_string(outer.prefix), to_string(inner.prefix)));
    return false;
  });
  return found;
}

}  // namespace

TEST(PrefixOverlaps, AreNestedPrefixes) {
  EXPECT_THAT(overlaps({"10.1.0.0/16", "10.0.0.0/8", "10.1.2.0/24", "11.0.0.0/8"}),
              testing::ElementsAre("10.0.0.0/8 > 10.1.0.0/16", "10.0.0.0/8 > 10.1.2.0/24", "10.1.0.0/16 > 10.1.2.0/24"));
}

TEST(PrefixOverlaps, NeighboursDoNotOverlap) { EXPECT_THAT(overlaps({"10.0.0.0/25", "10.0.0.128/25", "0.0.0.0/5"}), testing::IsEmpty()); }

TEST(PrefixOverlaps, EqualPrefixesOverlapOnce) { EXPECT_THAT(overlaps({"10.0.0.0/8", "10.0.0.0/8"}), testing::SizeIs(1)); }

TEST(PrefixOverlaps, HoldAtBothEndsOfTheAddressSpace) {
  EXPECT_THAT(overlaps({"255.255.255.255/32", "0.0.0.0/0", "0.0.0.0/32"}), testing::SizeIs(2));
}

TEST(PrefixOverlaps, AreThoseThatComparingEachWithEachFinds) {
  std::mt19937 random(1);  // NOLINT(bugprone-random-generator-seed): the same prefixes every time
  std::vector<OwnedPrefix> prefixes;
  for (std::size_t i = 0; i < 300; ++i) {
    const auto length = static_cast<int>(8 + random() % 25);
    prefixes.push_back({Ipv4Prefix::of(Ipv4Address{static_cast<std::uint32_t>(random() % 0x00FFFFFFU)}, length), i, 0});
  }
  std::set<std::pair<std::size_t, std::size_t>> swept;
  emu::visit_overlaps(prefixes, [&](auto enclosing, const auto& inner) {
    for (const auto& outer : enclosing) swept.insert(std::minmax(outer.owner, inner.owner));
    return false;
  });
  std::set<std::pair<std::size_t, std::size_t>> compared;
  for (std::size_t a = 0; a < prefixes.size(); ++a) {
    for (std::size_t b = a + 1; b < prefixes.size(); ++b) {
      if (prefixes[a].prefix.overlaps(prefixes[b].prefix)) compared.emplace(a, b);
    }
  }
  EXPECT_FALSE(compared.empty());
  EXPECT_EQ(swept, compared);
}
