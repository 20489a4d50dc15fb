// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "lab_fixture.hpp"

class Shop : public LabTest {};

TEST_F(Shop, FrontReadsThePage) {
  const auto page = in_node("front1", "curl -sS --max-time 5 http://data1/");
  ASSERT_EQ(page.status, 0) << page.output;
  EXPECT_NE(page.output.find("says hello to 10.0.1.4"), std::string::npos) << page.output;
}

TEST_F(Shop, NothingElseComesIn) { EXPECT_EQ(in_node("front1", "ping -c 1 -W 1 data1").status, 1); }
