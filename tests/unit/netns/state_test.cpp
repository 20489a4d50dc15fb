// SPDX-License-Identifier: Apache-2.0
#include "netns/state/state.hpp"

#include <gtest/gtest.h>

using netns::Ruleset;

TEST(Digest, IsFnv1aInHexadecimal) {
  EXPECT_EQ(netns::digest_of(""), "cbf29ce484222325");
  EXPECT_EQ(netns::digest_of("a"), "af63dc4c8601ec8c");
  EXPECT_EQ(netns::digest_of("foobar"), "85944171f73967e8");
}

TEST(RulesetDigest, IsOfTextAndElements) {
  const auto one = Ruleset::of("text", {{"s", {"1", "2"}}});
  EXPECT_EQ(one, Ruleset::of("text", {{"s", {"2", "1"}}}));
  EXPECT_NE(one, Ruleset::of("text!", {{"s", {"1", "2"}}}));
  EXPECT_NE(one, Ruleset::of("text", {{"s", {"1"}}}));
  EXPECT_NE(one, Ruleset::of("text", {{"t", {"1", "2"}}}));
  EXPECT_NE(one, Ruleset::of("text"));
}

// Otherwise a change that only moves a border between two words would not be loaded.
TEST(RulesetDigest, TellsWhereOneWordEndsAndTheNextBegins) {
  EXPECT_NE(Ruleset::of("t", {{"s", {"1", "23"}}}), Ruleset::of("t", {{"s", {"12", "3"}}}));
  EXPECT_NE(Ruleset::of("t", {{"s1", {"2"}}}), Ruleset::of("t", {{"s", {"12"}}}));
  EXPECT_NE(Ruleset::of("t", {{"a", {"b"}}}), Ruleset::of("t", {{"a", {}}, {"b", {}}}));
}
