// SPDX-License-Identifier: Apache-2.0
#include "netns/base/subprocess.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <system_error>

#include "netns/base/error.hpp"

using netns::filter;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(Filter, PassesMoreThanAPipeHolds) {
  std::string text;
  for (int i = 0; i < 200000; ++i) text.append("line ").append(std::to_string(i)).append(1, '\n');
  EXPECT_TRUE(filter({"cat"}, text) == text);
  EXPECT_EQ(filter({"/bin/cat"}, ""), "");
}

TEST(Filter, KeepsWhatIsAmissOutOfTheOutput) {
  EXPECT_EQ(filter({"sh", "-c", "echo amiss >&2; cat"}, "right"), "right");
  try {
    filter({"sh", "-c", "cat; echo amiss >&2; exit 3"}, "right");
    ADD_FAILURE() << "it ended with 3";
  } catch (const netns::CommandError& error) {
    EXPECT_EQ(error.status(), 3);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("status 3: amiss"), Not(HasSubstr("right"))));
  }
}

TEST(Filter, TellsThatThereIsNoSuchProgram) {
  try {
    filter({"no-such-program"}, "");
    ADD_FAILURE() << "there is one";
  } catch (const netns::KernelError& error) {
    EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
  }
}
