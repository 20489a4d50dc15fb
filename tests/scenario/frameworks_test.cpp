// SPDX-License-Identifier: Apache-2.0
// tests/scenario/frameworks_test.cpp — the fixtures of docs/testing, each run as an ordinary user runs it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <regex>
#include <string>
#include <vector>

#include "tests/scenario/lab.hpp"
#include "tests/scenario/user.hpp"

namespace test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

using Words = std::vector<std::string>;

fs::path documents() { return scenarios_folder().parent_path() / "docs"; }

struct Framework {
  const char* name;
  Words command;
  const char* passes;  ///< what it prints of two tests that pass
};

void PrintTo(const Framework& framework, std::ostream* out) { *out << framework.name; }

class Frameworks : public testing::TestWithParam<Framework> {
 protected:
  Frameworks() {
    for (const auto& entry : fs::directory_iterator(documents() / "testing")) ann_.give(entry.path());
    ann_.give(LAZULI_SHOP_TEST);
  }
  CommandStreams run_as_user(const Words& words) const { return run_apart(ann_.as_user(words)); }

  const User ann_{4713};
};

TEST_P(Frameworks, HaveALabOfTheirOwn) {
  const auto ran = run_as_user(GetParam().command);
  EXPECT_EQ(ran.status, 0) << ran.output << ran.errors;
  EXPECT_THAT(ran.output, HasSubstr(GetParam().passes));
  EXPECT_TRUE(ann_.is_at_rest());
}

TEST_P(Frameworks, TakeTheLabThatRunsThem) {
  Words words{"lazuli", "run", "lab.yaml", "--", "sh", "-c", R"sh("$@" && echo "labs seen: $(lazuli list | grep -c lab.yaml)")sh", "sh"};
  words.insert(words.end(), GetParam().command.begin(), GetParam().command.end());
  const auto ran = run_as_user(words);
  EXPECT_EQ(ran.status, 0) << ran.output << ran.errors;
  EXPECT_THAT(ran.output, AllOf(HasSubstr(GetParam().passes), HasSubstr("labs seen: 1\n")));
  EXPECT_TRUE(ann_.is_at_rest());
}

TEST_P(Frameworks, LeaveNothingWhenATestFails) {
  const auto lab = ann_.folder() / "lab.yaml";
  std::ofstream{lab} << std::regex_replace(read_file(documents() / "testing/lab.yaml"), std::regex{", web: 80"}, "");
  const auto ran = run_as_user(GetParam().command);
  EXPECT_EQ(ran.status, 1) << ran.output << ran.errors;
  EXPECT_THAT(ran.output, HasSubstr("Failed to connect to data1"));
  EXPECT_TRUE(ann_.is_at_rest());
}

// `up` fails and the lab is there: a program of it ended.
TEST_P(Frameworks, LeaveNothingOfALabThatIsNotWhole) {
  const auto lab = ann_.folder() / "lab.yaml";
  std::ofstream{lab} << std::regex_replace(read_file(documents() / "testing/lab.yaml"), std::regex{"web: 80"}, "web: 80, run: ['exit 7']");
  const auto ran = run_as_user(GetParam().command);
  EXPECT_EQ(ran.status, 1) << ran.output << ran.errors;
  EXPECT_TRUE(ann_.is_at_rest());
}

INSTANTIATE_TEST_SUITE_P(, Frameworks,
                         testing::Values(Framework{"pytest", {"pytest"}, "2 passed"},
                                         Framework{"GoogleTest", {"./shop_test"}, "[  PASSED  ] 2 tests."},
                                         Framework{"bats", {"bats", "--tap", "shop.bats"}, "ok 2 nothing else comes in"}),
                         [](const auto& example) { return example.param.name; });

std::string without_licence(const std::string& text) {
  std::string kept;
  for (const auto& line : lines_of(text))
    if (line.find("SPDX") == std::string::npos) kept += line + '\n';
  return kept.substr(std::min(kept.find_first_not_of('\n'), kept.size()));
}

TEST(FrameworksPage, ShowsTheFilesThatAreRun) {
  const auto page = read_file(documents() / "testing.md");
  for (const auto& entry : fs::directory_iterator(documents() / "testing"))
    EXPECT_THAT(page, HasSubstr("\n" + without_licence(read_file(entry.path())) + "```\n")) << entry.path();
}

/// The commands of the workflow that follow those which make the machine.
std::vector<std::string> steps_in_the_lab() {
  const auto workflow = read_file(documents() / "testing/lazuli.yml");
  std::vector<std::string> steps;
  for (const auto& line : lines_of(workflow))
    if (std::smatch found; std::regex_match(line, found, std::regex{"      - run: ((lazuli|bats) .*)"})) steps.push_back(found[1]);
  return steps;
}

// As root, as in the container.
TEST(Workflow, HasStepsThatPass) {
  const Lab lab;
  fs::copy(documents() / "testing", lab.folder());
  const auto steps = steps_in_the_lab();
  ASSERT_EQ(steps.size(), 3U);
  const auto path = fmt::format("PATH={}:/usr/sbin:/usr/bin:/sbin:/bin", fs::path(lazuli_path()).parent_path().string());
  for (const auto& step : steps) {
    const auto ran = run_apart({"env", "-C", lab.folder(), path, "sh", "-e", "-c", step});
    EXPECT_EQ(ran.status, 0) << step << '\n' << ran.output << ran.errors;
  }
  EXPECT_THAT(read_file(lab.folder() / "report.xml"), HasSubstr("test_front_reads_the_page"));
}

}  // namespace
}  // namespace test
