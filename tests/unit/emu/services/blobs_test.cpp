// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "emu/services/service_answers.hpp"

namespace emu {
namespace {

TEST(Blobs, AreBoundedInNumber) {
  Blobs blobs;
  for (std::size_t i = 0; i < Blobs::kMost; ++i) ASSERT_TRUE(blobs.put(std::to_string(i), {}));
  EXPECT_FALSE(blobs.put("one more", {}));
  EXPECT_TRUE(blobs.put("7", "another content")) << "in place of the one before";
  EXPECT_TRUE(blobs.remove("8"));
  EXPECT_TRUE(blobs.put("one more", {}));
}

TEST(Blobs, AreBoundedInBytesAlsoWhileSomebodyStillReadsWhatIsGone) {
  Blobs blobs;
  const std::string content(Blobs::kLargest, 'x');
  std::size_t kept = 0;
  while (blobs.put(std::to_string(kept), content)) ++kept;
  EXPECT_EQ(kept, Blobs::kMostBytes / Blobs::kLargest - 1) << "and the names";
  auto read = blobs.get("0");
  ASSERT_NE(read, nullptr);
  EXPECT_TRUE(blobs.remove("0"));
  EXPECT_FALSE(blobs.put("other", content));
  EXPECT_EQ(*read, content);
  read.reset();
  EXPECT_TRUE(blobs.put("other", content));
}

}  // namespace
}  // namespace emu
