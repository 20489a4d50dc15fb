// SPDX-License-Identifier: Apache-2.0
#include "netns/features/features.hpp"

#include <gtest/gtest.h>

#include "tests/support/scratch.hpp"
#include "tests/support/topology.hpp"

TEST(Features, ThatEveryLabNeedsAreThereOnThisKernelAndTryingThemLeavesTheThreadAtHome) {
  if (!test::may_make_namespaces()) GTEST_SKIP() << "making network namespaces needs root";
  const auto home = test::current_namespace();
  const auto features = netns::probe_features();
  EXPECT_EQ(features.size(), 12U);
  for (const auto& feature : features) EXPECT_TRUE(feature.available || feature.optional) << feature.name << ": " << feature.refusal;
  EXPECT_EQ(test::current_namespace(), home);
}

TEST(Features, TellWhyThereAreNoEncryptedTunnelsExactlyWhenTheyAreMissing) {
  if (!test::may_make_namespaces()) GTEST_SKIP() << "making network namespaces needs root";
  const auto home = test::current_namespace();
  std::string first_refusal;
  for (const auto& feature : netns::probe_features())
    if (feature.name.starts_with("ESP") || feature.name.starts_with("xfrm"))
      first_refusal = first_refusal.empty() ? feature.refusal : first_refusal;
  EXPECT_EQ(netns::why_no_ipsec().value_or(""), first_refusal);
  EXPECT_EQ(test::current_namespace(), home);
}
