// SPDX-License-Identifier: Apache-2.0
// tests/random/random_lab_test.cpp — what Azure's rules predict and what packets do, held against each other in labs nobody thought of.
//
// Which labs, is said by the environment: LAZULI_RANDOM_FIRST (the first seed) and LAZULI_RANDOM_LABS (how many), or the defaults below.
// A lab that fails is made as small as it can be and printed as a lab file; its seed makes it again.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>

#include "tests/random/lab_generator.hpp"
#include "tests/random/running_lab.hpp"
#include "tests/random/seeds.hpp"

namespace test {
namespace {

constexpr std::chrono::minutes kForShrinkingALab{3};

std::optional<std::string> trouble_of(const LabValue& value) {
  RunningLab lab;
  if (auto trouble = lab.up(value); !trouble.empty()) return trouble;
  auto trouble = lab.matrix();
  trouble += lab.down();
  return trouble.empty() ? std::nullopt : std::optional(trouble);
}

std::string smallest_that_fails(const LabValue& lab) {
  const auto end = std::chrono::steady_clock::now() + kForShrinkingALab;
  const auto smallest = shrink(lab, [&](const LabValue& part) { return std::chrono::steady_clock::now() < end && trouble_of(part); });
  return fmt::format("{}\n{}", to_lab_file(smallest), trouble_of(smallest).value_or("which passes now"));
}

/// The first that fails ends it: it is made small while nothing else runs.
void hold_against_the_kernel(const Ingredients& ingredients, std::uint64_t labs) {
  const auto first = number_from_environment("LAZULI_RANDOM_FIRST", 1);
  const auto end = first + number_from_environment("LAZULI_RANDOM_LABS", labs);
  const auto failed = first_failure<std::string>(first, end, [&](std::uint64_t seed) { return trouble_of(random_lab(seed, ingredients)); });
  EXPECT_EQ(left_behind(), "");
  if (!failed) return;
  const auto lab = random_lab(failed->seed, ingredients);
  ADD_FAILURE() << "seed " << failed->seed << "\n"
                << to_lab_file(lab) << '\n'
                << failed->finding << "\nthe smallest part of it that fails:\n"
                << smallest_that_fails(lab);
}

TEST(RandomLabs, DoAsPredicted) { hold_against_the_kernel({.gateways = false}, 200); }

TEST(RandomLabsWithGateways, DoAsPredicted) { hold_against_the_kernel({.gateways = true}, 12); }

}  // namespace
}  // namespace test
