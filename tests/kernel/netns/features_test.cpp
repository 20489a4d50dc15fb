// SPDX-License-Identifier: Apache-2.0
#include "netns/features/features.hpp"

#include <gtest/gtest.h>

#include "tests/support/scratch.hpp"
#include "tests/support/topology.hpp"

TEST(Features, AreAllThereOnThisKernelAndTryingThemLeavesTheThreadAtHome) {
  if (!test::may_make_namespaces()) GTEST_SKIP() << "making network namespaces needs root";
  const auto home = test::current_namespace();
  const auto features = netns::probe_features();
  EXPECT_EQ(features.size(), 8U);
  for (const auto& feature : features) EXPECT_TRUE(feature.available) << feature.name << ": " << feature.refusal;
  EXPECT_EQ(test::current_namespace(), home);
}
