// SPDX-License-Identifier: Apache-2.0
#include "netns/features/features.hpp"

#include <gtest/gtest.h>

TEST(IpsecFeatures, AreAllThereOnThisKernel) {
  const auto why_not = netns::why_no_ipsec();
  EXPECT_FALSE(why_not) << why_not.value_or("") << "; scripts/test ipsec runs this test on a kernel that has it";
  for (const auto& feature : netns::probe_features()) EXPECT_TRUE(feature.available) << feature.name << ": " << feature.refusal;
}
