// SPDX-License-Identifier: Apache-2.0
// tests/ipsec/rootless_tunnel_test.cpp — an ordinary user has encrypted tunnels: daemons, keys and states are in the user's namespaces.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenario/user.hpp"

namespace test {
namespace {

using testing::HasSubstr;

TEST(RootlessTunnel, HoldsTheChecksOfItsScenarioAndLeavesNothing) {
  const User ann{4711};
  const auto file = ann.scenario("site-to-site");
  const auto built = ann.lazuli({"up", file});
  ASSERT_EQ(built.status, 0) << built.errors;
  EXPECT_THAT(built.output, HasSubstr("VPN Connected (to-dc)"));
  const auto checks = ann.lazuli({"verify"});
  EXPECT_EQ(checks.status, 0) << checks.output << checks.errors;
  EXPECT_THAT(checks.output, HasSubstr("over the VPN tunnel"));

  EXPECT_EQ(ann.lazuli({"down"}).status, 0);
  EXPECT_TRUE(ann.is_at_rest());
}

}  // namespace
}  // namespace test
