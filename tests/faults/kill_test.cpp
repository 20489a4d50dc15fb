// SPDX-License-Identifier: Apache-2.0
// tests/faults/kill_test.cpp — SIGKILL at system calls of `up`, of a change and of `down`: the next command makes everything as if nobody
// had disturbed it.
//
// Each round goes from nothing to the lab, to the changed lab, back, and to nothing, and is killed on each of the four ways once. Killed
// is, in turns, the command with the children that it has just made, and the command alone.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/faults/fault_lab.hpp"

namespace test {
namespace {

using testing::IsEmpty;

constexpr int kShards = 4;
constexpr long kSampleOfEachWay = 38;  // 152 points in all

struct Way {
  const char* name;
  std::vector<std::string> arguments;
  const KernelState* whole;  ///< what there is in the end
  /// Brings the lab to where the way begins.
  std::vector<std::string> before;
};

class Kills : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    const auto& lab = faults_.lab().name();
    const std::vector<std::string> up{"up", "--replace", faults_.file()};
    const std::vector<std::string> change{"up", "--replace", faults_.changed_file()};
    const std::vector<std::string> down{"down", lab};
    ways_ = {{"up", up, &faults_.whole(), down},
             {"change", change, &faults_.changed_whole(), up},
             {"change back", up, &faults_.whole(), change},
             {"down", down, &nothing_, up}};
  }

  std::vector<long> points_of(const Way& way) {
    prepare(way);
    const auto counted = at_syscall(faults_.lab(), {"--only", "changing", "--count"}, way.arguments);
    EXPECT_EQ(counted.streams.status, 0) << counted.streams.errors;
    EXPECT_GT(counted.calls, 20);
    return points(counted.calls, kSampleOfEachWay, GetParam(), kShards);
  }

  /// Most often it is there already: the way before ended where this one begins.
  void prepare(const Way& way) {
    if (is_at_ == way.before) return;
    const auto done = lazuli(way.before);
    ASSERT_EQ(done.status, 0) << done.errors;
    is_at_ = way.before;
  }

  void try_point(const Way& way, long point) {
    prepare(way);
    std::vector<std::string> options{"--only", "changing", "--kill-at", std::to_string(point)};
    if (alone_ = !alone_; alone_) options.emplace_back("--alone");
    const auto killed = at_syscall(faults_.lab(), options, way.arguments);
    const auto where = fmt::format("{} killed{} at call {}: {}", way.name, alone_ ? " alone" : "", point, killed.struck);
    SCOPED_TRACE(where);
    EXPECT_EQ(killed.streams.status, killed.struck.empty() ? 0 : 137) << killed.streams.errors;
    const auto mended = lazuli(way.arguments);
    EXPECT_EQ(mended.status, 0) << mended.errors;
    const auto found = faults_.differences_from(*way.whole);
    EXPECT_THAT(found, IsEmpty()) << text_of(found);
    is_at_ = way.arguments;
    if (mended.status != 0 || !found.empty()) begin_anew(where, found);
  }

  /// One point's fault is not to be found again at the next.
  void begin_anew(const std::string& where, const std::vector<std::string>& found) {
    failures_.emplace_back(fmt::format("{} ({} differences)", where, found.size()));
    for (int i = 0; i < 2 && !observe_kernel(faults_.lab().name()).empty(); ++i) faults_.lab().down();
    is_at_ = {"down", faults_.lab().name()};
  }

  const FaultLab faults_;
  KernelState nothing_;
  std::vector<Way> ways_;
  std::vector<std::string> is_at_;
  bool alone_ = false;
  std::vector<std::string> failures_;
};

TEST_P(Kills, LeaveNothingThatTheNextCommandDoesNotMend) {
  std::vector<std::vector<long>> all;
  for (const auto& way : ways_) ASSERT_NO_FATAL_FAILURE(all.push_back(points_of(way)));
  const auto rounds = std::ranges::max(all, {}, &std::vector<long>::size).size();
  std::size_t tried = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < ways_.size(); ++i) {
      if (round >= all[i].size()) continue;
      ASSERT_NO_FATAL_FAILURE(try_point(ways_[i], all[i][round]));
      ++tried;
    }
  }
  fmt::print("{} points of death, {} of them not mended\n", tried, failures_.size());
  for (const auto& failure : failures_) fmt::print("  {}\n", failure);
}

INSTANTIATE_TEST_SUITE_P(Part, Kills, testing::Range(0, kShards));

}  // namespace
}  // namespace test
