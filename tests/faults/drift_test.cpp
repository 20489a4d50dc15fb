// SPDX-License-Identifier: Apache-2.0
// tests/faults/drift_test.cpp — somebody changes a running lab by hand: `plan` names it, `status` says so, and `up` mends it and only it.
// What somebody made in a machine stays.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "tests/faults/drift_kinds.hpp"
#include "tests/faults/fault_lab.hpp"

namespace test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kParts = 2;

std::vector<std::string> words_in(const std::string& text) {
  std::istringstream stream{text};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

class Drifts : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { build(); }

  void build() {
    const auto built = lazuli({"up", "--replace", faults_.file()});
    ASSERT_EQ(built.status, 0) << built.errors;
    before_ = identities(faults_.lab().name());
  }

  void rebuild() {
    faults_.begin_anew();
    build();
  }

  void change_by_hand(const char* command) const {
    const auto done = run({"env", "L=" + faults_.lab().name(), "sh", "-c", kDriftPrelude + std::string(command)});
    ASSERT_EQ(done.status, 0) << command << ": " << done.output;
  }

  /// One step of `plan` has all words, and no step is in another node than those of the drift.
  void expect_named(const Drift& drift) const {
    const auto planned = lazuli({"plan", "--json", faults_.file()});
    ASSERT_EQ(planned.status, 0) << planned.errors;
    const auto steps = nlohmann::json::parse(planned.output)["steps"].get<std::vector<std::string>>();
    const auto words = words_in(drift.words);
    const bool named = std::ranges::any_of(steps, [&](const std::string& step) {
      return std::ranges::all_of(words, [&](const std::string& word) { return step.find(word) != std::string::npos; });
    });
    EXPECT_TRUE(named) << "no step of the plan says '" << drift.words << "':\n" << fmt::format("{}", fmt::join(steps, "\n"));
    const auto nodes = words_in(drift.nodes);
    for (const auto& step : steps) {
      const auto there = std::ranges::any_of(nodes, [&](const auto& node) { return step.find(node + ":") != std::string::npos; });
      EXPECT_TRUE(there || nodes.empty()) << "nothing is wrong there: " << step;
    }
  }

  void expect_degraded() const { EXPECT_THAT(lazuli({"status", faults_.lab().name()}).output, HasSubstr("degraded")); }

  /// @return whether the lab is whole again
  bool expect_mended(const Drift& drift) const {
    const auto mended = lazuli({"up", "--replace", faults_.file()});
    EXPECT_EQ(mended.status, 0) << mended.errors;
    // Elsewhere nothing was planned; the last of them looks at everything.
    const auto nodes = words_in(drift.nodes);
    const auto found = faults_.differences_from(faults_.whole(), {nodes.begin(), nodes.end()});
    EXPECT_THAT(found, IsEmpty()) << text_of(found);
    const auto after = identities(faults_.lab().name());
    for (const auto& difference : differences(before_, after)) {
      const auto what = difference.substr(difference.find(": ") + 2);
      const auto name = what.substr(0, what.find(" = "));
      EXPECT_TRUE(std::regex_match(name, std::regex{drift.remade})) << "made anew without need: " << difference;
    }
    return mended.status == 0 && found.empty();
  }

  const FaultLab faults_;
  KernelState before_;
};

TEST_P(Drifts, AreNamedAndMended) {
  const auto all = drifts();
  const char* only = std::getenv("LAZULI_DRIFT");
  std::vector<std::string> failures;
  for (auto i = static_cast<std::size_t>(GetParam()); i < all.size(); i += kParts) {
    const auto& drift = all[i];
    if (only != nullptr && std::string_view{drift.name}.find(only) == std::string_view::npos) continue;
    SCOPED_TRACE(fmt::format("{}: {}", drift.name, drift.command));
    const auto failed_before = testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count();
    ASSERT_NO_FATAL_FAILURE(change_by_hand(drift.command));
    expect_named(drift);
    expect_degraded();
    const bool whole = expect_mended(drift);
    if (testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count() != failed_before)
      failures.emplace_back(drift.name);
    before_ = identities(faults_.lab().name());
    if (whole) continue;
    ASSERT_NO_FATAL_FAILURE(rebuild());
  }
  const auto found = faults_.differences_from(faults_.whole());
  EXPECT_THAT(found, IsEmpty()) << text_of(found);
  for (const auto& failure : failures) fmt::print("  not named or not mended: {}\n", failure);
}

INSTANTIATE_TEST_SUITE_P(Part, Drifts, testing::Range(0, kParts));

using Records = Drifts;

// A supervisor keeps the record of its process and writes it again when somebody looks for it.
TEST_P(Records, ThatAreLostAreThereAgainWithNothingStartedAnew) {
  for (const auto& lost : lost_records()) {
    SCOPED_TRACE(lost.name);
    ASSERT_NO_FATAL_FAILURE(change_by_hand(lost.command));
    EXPECT_THAT(lazuli({"plan", faults_.file()}).output, HasSubstr("nothing to change"));
    const auto found = faults_.differences_from(faults_.whole());
    EXPECT_THAT(found, IsEmpty()) << text_of(found);
    EXPECT_THAT(differences(before_, identities(faults_.lab().name())), IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(All, Records, testing::Values(0));

using OwnThings = Drifts;

TEST_P(OwnThings, StayAndAreNotPlannedAway) {
  for (const auto& own : own_things()) ASSERT_NO_FATAL_FAILURE(change_by_hand(own.command)) << own.name;
  const auto with_own = faults_.settled();
  EXPECT_GT(differences(faults_.whole(), with_own).size(), own_things().size());
  EXPECT_THAT(lazuli({"plan", faults_.file()}).output, HasSubstr("nothing to change"));
  const auto again = lazuli({"up", "--replace", faults_.file()});
  EXPECT_EQ(again.status, 0) << again.errors;
  EXPECT_THAT(again.output, HasSubstr("nothing to do"));
  auto found = faults_.differences_from(with_own);
  EXPECT_THAT(found, IsEmpty()) << text_of(found);
  // Nor when there is something to mend right beside them.
  change_by_hand("ip -n $L.vm1 route del default; ip -n $L.vm1 link set eth0 mtu 1300; switch vm1 ipv4.conf.eth0.arp_ignore=1");
  const auto mended = lazuli({"up", "--replace", faults_.file()});
  EXPECT_EQ(mended.status, 0) << mended.errors;
  found = faults_.differences_from(with_own);
  EXPECT_THAT(found, IsEmpty()) << text_of(found);
  // A namespace that is called as the lab's are is still not the lab's.
  change_by_hand("ip netns add $L.own");
  EXPECT_EQ(lazuli({"up", "--replace", faults_.file()}).status, 0);
  EXPECT_THAT(run({"ip", "netns", "list"}).output, HasSubstr(faults_.lab().namespace_of("own")));
  EXPECT_EQ(faults_.lab().down().status, 0);
  EXPECT_THAT(run({"ip", "netns", "list"}).output, HasSubstr(faults_.lab().namespace_of("own")));
  run({"ip", "netns", "delete", faults_.lab().namespace_of("own")});
}

INSTANTIATE_TEST_SUITE_P(All, OwnThings, testing::Values(0));

}  // namespace
}  // namespace test
