// SPDX-License-Identifier: Apache-2.0
// tests/random/random_lab_test.cpp — what Azure's rules predict and what packets do, held against each other in labs nobody thought of.
//
// Which labs, is said by the environment: LAZULI_RANDOM_FIRST (the first seed) and LAZULI_RANDOM_LABS (how many), or the defaults below.
// A lab that fails is made as small as it can be and printed as a lab file; its seed makes it again.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/random/lab_generator.hpp"
#include "tests/scenario/lab.hpp"

namespace test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned kAtOnce = 4;  // most of a lab's time is waiting for silence
constexpr std::chrono::minutes kForShrinking{3};

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const auto* text = std::getenv(name);
  return text == nullptr || *text == '\0' ? otherwise : std::stoull(text);
}

/// A lab under a name of its own. Several run at once, so unlike test::Lab it does not ask for a machine without any.
class OneOfMany {
 public:
  explicit OneOfMany(const LabValue& value) : folder_(std::filesystem::temp_directory_path() / name_) {
    auto named = value;
    named["lab"] = name_;
    std::filesystem::create_directory(folder_);
    std::ofstream{file()} << to_lab_file(named);
  }
  OneOfMany(const OneOfMany&) = delete;
  OneOfMany& operator=(const OneOfMany&) = delete;
  ~OneOfMany() {
    if (built_) lazuli({"down", name_});
    std::error_code none;
    std::filesystem::remove_all(folder_, none);
  }

  /// Why it is a failure; empty when it is none.
  std::string trouble() {
    built_ = true;
    if (const auto up = lazuli({"up", file()}); up.status != 0) return "up failed:\n" + up.errors;
    const auto matrix = lazuli({"verify", name_, "--matrix"});
    std::string trouble = matrix.status == 0 ? "" : matrix.output + matrix.errors;
    const auto down = lazuli({"down", name_});
    built_ = down.status != 0;
    return built_ ? trouble + "down failed:\n" + down.errors : trouble;
  }

 private:
  std::string file() const { return folder_ / "lab.yaml"; }

  static inline std::atomic<int> count_ = 0;
  std::string name_ = fmt::format("random-{}-{}", ::getpid(), count_++);
  std::filesystem::path folder_;
  bool built_ = false;
};

std::string trouble_of(const LabValue& lab) { return OneOfMany{lab}.trouble(); }

std::string smallest_that_fails(const LabValue& lab) {
  const auto end = Clock::now() + kForShrinking;
  const auto smallest = shrink(lab, [&](const LabValue& part) { return Clock::now() < end && !trouble_of(part).empty(); });
  return fmt::format("{}\n{}", to_lab_file(smallest), trouble_of(smallest));
}

/// What the labs of this process left on the machine, when none of them runs any more.
std::string left_behind() {
  std::string left;
  for (const auto* folder : {"/run/netns", "/run/lazuli"}) {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder, none))
      if (entry.path().filename().string().starts_with(fmt::format("random-{}-", ::getpid()))) left += entry.path().string() + "\n";
  }
  return left;
}

/// The first that fails ends it: it is made small while nothing else runs.
void hold_against_the_kernel(const Ingredients& ingredients, std::uint64_t labs) {
  const auto first = number_from_environment("LAZULI_RANDOM_FIRST", 1);
  const auto end = first + number_from_environment("LAZULI_RANDOM_LABS", labs);
  std::atomic<std::uint64_t> next = first;
  std::atomic<bool> failed = false;
  std::mutex lock;
  std::uint64_t seed = 0;
  std::string trouble;
  const auto work = [&] {
    for (std::uint64_t mine = next++; mine < end && !failed; mine = next++) {
      auto found = trouble_of(random_lab(mine, ingredients));
      if (found.empty()) continue;
      const std::scoped_lock hold{lock};
      if (failed.exchange(true)) return;
      seed = mine;
      trouble = std::move(found);
    }
  };
  {
    std::vector<std::jthread> workers;
    for (unsigned i = 0; i < kAtOnce; ++i) workers.emplace_back(work);
  }
  EXPECT_EQ(left_behind(), "");
  if (!failed) return;
  const auto lab = random_lab(seed, ingredients);
  ADD_FAILURE() << "seed " << seed << "\n"
                << to_lab_file(lab) << '\n'
                << trouble << "\nthe smallest part of it that fails:\n"
                << smallest_that_fails(lab);
}

TEST(RandomLabs, DoAsPredicted) { hold_against_the_kernel({.gateways = false}, 200); }

TEST(RandomLabsWithGateways, DoAsPredicted) { hold_against_the_kernel({.gateways = true}, 12); }

}  // namespace
}  // namespace test
