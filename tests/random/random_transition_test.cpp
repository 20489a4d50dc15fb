// SPDX-License-Identifier: Apache-2.0
// tests/random/random_transition_test.cpp — a running lab becomes another one, again and again: after each step it is what the file says,
// packets do as predicted, and connections that no change concerned are still open.
//
// Which, is said by the environment: LAZULI_RANDOM_FIRST (the first seed) and LAZULI_RANDOM_STEPS (how many steps, ten to a seed). The
// first step that fails is made as small as it can be and printed as two lab files; its seed makes it again.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>

#include "emu/lab/lab.hpp"
#include "emu/scenario/lab_file.hpp"
#include "tests/random/lab_changes.hpp"
#include "tests/random/lab_generator.hpp"
#include "tests/random/open_connections.hpp"
#include "tests/random/running_lab.hpp"
#include "tests/random/seeds.hpp"

namespace test {
namespace {

constexpr std::uint64_t kStepsOfASeed = 10;
constexpr std::chrono::minutes kForShrinkingAStep{4};

/// What `lab` is when it is built from `before`; nothing when the program would refuse it.
std::optional<emu::Model> resolved(const LabValue& lab, const std::optional<emu::Model>& before) {
  auto proposal = emu::propose(emu::parse_lab_file(lab.dump(), "lab.yaml"), before);
  if (emu::has_errors(proposal.diagnostics)) return std::nullopt;
  return std::move(proposal.after);
}

/// From the running lab to the next.
std::string trouble_of_step(RunningLab& lab, const emu::Model& before, const LabValue& next, const emu::Model& after) {
  const OpenConnections connections(lab, before);
  if (auto trouble = lab.up(next); !trouble.empty()) return trouble;
  return lab.plan() + lab.matrix() + connections.dead(after);
}

struct FailedStep {
  LabValue before;
  LabValue after;
  std::uint64_t number = 0;
  std::string trouble;
};

std::optional<FailedStep> first_step_that_fails(std::uint64_t seed, const Ingredients& ingredients) {
  RunningLab lab;
  auto value = random_lab(seed, ingredients);
  auto model = resolved(value, std::nullopt);
  if (auto trouble = lab.up(value); !trouble.empty()) return FailedStep{value, value, 0, trouble};
  for (std::uint64_t step = 1; step <= kStepsOfASeed; ++step) {
    const auto next = random_change(value, seed * 1000 + step, ingredients,
                                    [&](const LabValue& changed) { return is_correct(changed) && resolved(changed, model); });
    auto after = *resolved(next, model);
    if (auto trouble = trouble_of_step(lab, *model, next, after); !trouble.empty()) return FailedStep{value, next, step, trouble};
    value = next;
    model = std::move(after);
  }
  if (auto trouble = lab.down(); !trouble.empty()) return FailedStep{value, value, kStepsOfASeed + 1, trouble};
  return std::nullopt;
}

/// The step by itself, from a lab that was built anew.
std::string trouble_alone(const LabValue& before, const LabValue& after) {
  const auto first = resolved(before, std::nullopt);
  const auto second = first ? resolved(after, first) : std::nullopt;
  if (!second) return "";
  RunningLab lab;
  if (!lab.up(before).empty()) return "";
  return trouble_of_step(lab, *first, after, *second);
}

std::string smallest_step(const FailedStep& failed) {
  if (trouble_alone(failed.before, failed.after).empty()) return "by itself the step does not fail: what led to it matters";
  const auto end = std::chrono::steady_clock::now() + kForShrinkingAStep;
  const auto fails = [&](const LabValue& before, const LabValue& after) {
    return std::chrono::steady_clock::now() < end && !trouble_alone(before, after).empty();
  };
  const auto [before, after] = shrink({failed.before, failed.after}, fails);
  return fmt::format("{}\nbecomes\n{}\n{}", to_lab_file(before), to_lab_file(after), trouble_alone(before, after));
}

TEST(RandomTransitions, EndAsPredictedAndLeaveOthersAlone) {
  const Ingredients ingredients;
  const auto first = number_from_environment("LAZULI_RANDOM_FIRST", 1);
  const auto seeds = number_from_environment("LAZULI_RANDOM_STEPS", 300) / kStepsOfASeed;
  const auto failed =
      first_failure<FailedStep>(first, first + seeds, [&](std::uint64_t seed) { return first_step_that_fails(seed, ingredients); });
  EXPECT_EQ(left_behind(), "");
  if (!failed) return;
  const auto& step = failed->finding;
  ADD_FAILURE() << "seed " << failed->seed << ", step " << step.number << "\n"
                << to_lab_file(step.before) << "\nbecomes\n"
                << to_lab_file(step.after) << '\n'
                << step.trouble << "\nthe smallest step that fails:\n"
                << smallest_step(step);
}

}  // namespace
}  // namespace test
