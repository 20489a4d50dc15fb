// SPDX-License-Identifier: Apache-2.0
// tests/scenario/scenarios_test.cpp — each folder of scenarios/: its lab file and its page.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "tests/scenario/lab.hpp"
#include "tests/scenario/scenarios.hpp"

namespace test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

class Scenario : public testing::TestWithParam<std::string> {
 protected:
  fs::path folder() const { return scenarios_folder() / GetParam(); }
};

TEST_P(Scenario, HasChecksThatNameTheirPath) {
  const auto lab = lab_file_of(GetParam());
  constexpr std::size_t kLongestLabName = 20;
  if (GetParam().size() <= kLongestLabName) {
    EXPECT_EQ(lab_of(GetParam()), GetParam());
  }
  static const std::regex kCheck{"\n  - \\{from: [^\n]*"};
  int checks = 0;
  for (auto match = std::sregex_iterator{lab.begin(), lab.end(), kCheck}; match != std::sregex_iterator{}; ++match, ++checks) {
    EXPECT_THAT(match->str(), HasSubstr("expect: "));
    EXPECT_THAT(match->str(), HasSubstr("path: "));
  }
  EXPECT_GT(checks, 0);
}

// Every command in the page is one there is, about files and a lab that are there.
TEST_P(Scenario, HasAPageWhoseCommandsExist) {
  const auto page = read_file(folder() / "README.md");
  ASSERT_FALSE(page.empty());
  const auto help = lazuli({"--help"}).output;
  static const std::regex kCommand{"lazuli ([a-z-]+)([^`|\n]*)"};
  int commands = 0;
  for (auto match = std::sregex_iterator{page.begin(), page.end(), kCommand}; match != std::sregex_iterator{}; ++match, ++commands) {
    const auto subcommand = (*match)[1].str();
    EXPECT_TRUE(std::regex_search(help, std::regex{"\n  " + subcommand + " "})) << match->str();
    std::istringstream words{(*match)[2].str()};
    std::vector<std::string> arguments;
    for (std::string word; words >> word;) arguments.push_back(word);
    for (const auto& argument : arguments) {
      if (argument.starts_with("scenarios/")) {
        EXPECT_TRUE(fs::exists(scenarios_folder().parent_path() / argument)) << match->str();
      }
    }
    if (subcommand == "down" || subcommand == "verify") {
      EXPECT_TRUE(arguments.empty() || arguments.front() == lab_of(GetParam()) || arguments.front().starts_with("-")) << match->str();
    }
  }
  EXPECT_GT(commands, 3);
  EXPECT_TRUE(std::regex_search(page, std::regex{"\\b[A-Z0-9]+-[0-9]+\\b"})) << "it cites no rule";
}

// VNET-5, PEER-10: two networks with one address space run side by side and cannot be peered.
TEST(OverlappingSpaces, CannotBePeeredAndStayAsTheyAre) {
  const Lab lab;
  ASSERT_EQ(lazuli({"up", lab.scenario_file(scenarios_folder() / "overlapping-spaces/lab.yaml")}).status, 0);
  const auto kernel = kernel_state_of(lab.name());
  const auto status = lab.status();

  const auto refused = lazuli({"up", "--replace", lab.scenario_file(scenarios_folder() / "overlapping-spaces/peered.refused.yaml")});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.errors,
              HasSubstr("'blue' and 'red' cannot be peered: 10.0.0.0/16 overlaps 10.0.0.0/16 [VnetAddressSpacesOverlap]\n"));
  EXPECT_THAT(refused.errors, HasSubstr("1 error; nothing was changed\n"));
  EXPECT_THAT(differences(kernel, kernel_state_of(lab.name())), IsEmpty());
  EXPECT_EQ(lab.status(), status);
  EXPECT_EQ(lab.page("blue-user", "10.0.0.5"), "blue-web (10.0.0.5) says hello to 10.0.0.4\n");
  EXPECT_EQ(lab.page("red-user", "10.0.0.5"), "red-web (10.0.0.5) says hello to 10.0.0.4\n");
}

INSTANTIATE_TEST_SUITE_P(Folders, Scenario, testing::ValuesIn(scenario_names()), test_name);

}  // namespace
}  // namespace test
