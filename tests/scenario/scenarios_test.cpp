// SPDX-License-Identifier: Apache-2.0
// tests/scenario/scenarios_test.cpp — each folder of scenarios/: up, up again, its checks, down, nothing left; and what its page says.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "tests/scenario/host_state.hpp"
#include "tests/scenario/lab.hpp"

namespace test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(scenarios_folder())) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  return std::regex_replace(info.param, std::regex{"[^A-Za-z0-9]"}, "_");
}

class Scenario : public testing::TestWithParam<std::string> {
 protected:
  fs::path folder() const { return scenarios_folder() / GetParam(); }
};

/// A scenario that runs under its own name, and is taken away when a test ends early.
class ScenarioRun : public Scenario {
 protected:
  void SetUp() override {
    ASSERT_THAT(remains_of(GetParam()), IsEmpty()) << "somebody else's: not touched";
    ours_ = true;
  }

  void TearDown() override {
    if (ours_ && !remains_of(GetParam()).empty()) lazuli({"down", GetParam()});
  }

 private:
  bool ours_ = false;
};

TEST_P(ScenarioRun, ComesUpHoldsItsChecksAndGoesWithoutATrace) {
  const auto host = observe_host();

  const auto up = lazuli({"up", folder()});
  ASSERT_EQ(up.status, 0) << up.errors;
  EXPECT_THAT(differences(host, observe_host()), IsEmpty()) << "nothing of a lab is in the host's own namespace, not while it runs either";

  const auto kernel = kernel_state_of(GetParam());
  const auto again = lazuli({"up", folder()});
  EXPECT_EQ(again.status, 0) << again.errors;
  EXPECT_THAT(again.output, HasSubstr("nothing to do"));
  EXPECT_THAT(differences(kernel, kernel_state_of(GetParam())), IsEmpty());

  const auto verify = lazuli({"verify", GetParam(), "--json"});
  EXPECT_EQ(verify.status, 0) << verify.output;
  const auto report = nlohmann::json::parse(verify.output);
  EXPECT_GT(report["passed"], 0);
  EXPECT_EQ(report["failed"], 0) << verify.output;
  for (const auto& check : report["checks"]) EXPECT_TRUE(check["path"].is_string()) << "no packet was seen: " << check;

  const auto namespaces = namespaces_of(GetParam());
  ASSERT_FALSE(namespaces.empty());
  EXPECT_EQ(lazuli({"down", GetParam()}).status, 0);
  EXPECT_THAT(remains_of(GetParam()), IsEmpty());
  EXPECT_THAT(processes_in(namespaces), IsEmpty());
  EXPECT_THAT(differences(host, observe_host()), IsEmpty());
}

TEST_P(Scenario, HasChecksThatNameTheirPath) {
  const auto lab = read_file(folder() / "lab.yaml");
  EXPECT_THAT(lab, HasSubstr("\nlab: " + GetParam() + "\n"));
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
      EXPECT_TRUE(arguments.empty() || arguments.front() == GetParam() || arguments.front().starts_with("-")) << match->str();
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

  const auto refused = lazuli({"up", lab.scenario_file(scenarios_folder() / "overlapping-spaces/peered.refused.yaml")});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.errors,
              HasSubstr("'blue' and 'red' cannot be peered: 10.0.0.0/16 overlaps 10.0.0.0/16 [VnetAddressSpacesOverlap]\n"));
  EXPECT_THAT(refused.errors, HasSubstr("1 error; nothing was changed\n"));
  EXPECT_THAT(differences(kernel, kernel_state_of(lab.name())), IsEmpty());
  EXPECT_EQ(lab.status(), status);
  EXPECT_EQ(lab.page("blue-user", "10.0.0.5"), "blue-web (10.0.0.5) says hello to 10.0.0.4\n");
  EXPECT_EQ(lab.page("red-user", "10.0.0.5"), "red-web (10.0.0.5) says hello to 10.0.0.4\n");
}

INSTANTIATE_TEST_SUITE_P(Folders, ScenarioRun, testing::ValuesIn(scenario_names()), test_name);
INSTANTIATE_TEST_SUITE_P(Folders, Scenario, testing::ValuesIn(scenario_names()), test_name);

}  // namespace
}  // namespace test
