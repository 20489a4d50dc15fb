// SPDX-License-Identifier: Apache-2.0
#include "netns/probe/icmp_error.hpp"

#include <gtest/gtest.h>

TEST(DescribeIcmp, SaysWhatPeopleCallIt) {
  EXPECT_EQ(netns::describe_icmp(3, 0), "network unreachable");
  EXPECT_EQ(netns::describe_icmp(3, 1), "host unreachable");
  EXPECT_EQ(netns::describe_icmp(3, 13), "communication administratively prohibited");
  EXPECT_EQ(netns::describe_icmp(11, 0), "time exceeded");
}

TEST(DescribeIcmp, NumbersWhatHasNoName) {
  EXPECT_EQ(netns::describe_icmp(3, 99), "type 3 code 99");
  EXPECT_EQ(netns::describe_icmp(42, 1), "type 42 code 1");
}
