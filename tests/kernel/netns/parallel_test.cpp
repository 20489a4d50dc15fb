// SPDX-License-Identifier: Apache-2.0
#include "netns/base/parallel.hpp"

#include <gmock/gmock.h>
#include <pthread.h>

#include <atomic>
#include <stdexcept>
#include <vector>

#include "netns/namespace/namespace.hpp"
#include "tests/support/command.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/topology.hpp"

namespace {

/// From here on no thread can be started: none of the address space has room for its stack.
void let_threads_fail() {
  pthread_attr_t attributes{};
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, std::size_t{1} << 46U);
  ::pthread_setattr_default_np(&attributes);
  EXPECT_THROW(std::thread([] {}).join(), std::system_error);
}

}  // namespace

TEST(ParallelFor, WorksOnTheCallingThreadWhereNoOtherCanBeStarted) {
  if (!test::may_make_namespaces()) GTEST_SKIP() << "making network namespaces needs root";
  const test::Scratch scratch;
  scratch.make("a");
  test::Child child{[&] {
    const auto home = test::current_namespace();
    let_threads_fail();
    std::atomic<int> done = 0;
    netns::parallel_for(10, [&](std::size_t) {
      netns::enter_namespace(scratch.name("a"));
      ++done;
    });
    EXPECT_EQ(done, 10);
    EXPECT_EQ(test::current_namespace(), home) << "and is back where it was";
    EXPECT_THROW(netns::parallel_for(2, [](std::size_t) { throw std::runtime_error("refused"); }), std::runtime_error);
    return testing::Test::HasFailure() ? 1 : 0;
  }};
  EXPECT_EQ(child.wait(), 0);
}
