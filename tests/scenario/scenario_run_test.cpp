// SPDX-License-Identifier: Apache-2.0
// tests/scenario/scenario_run_test.cpp — a scenario from `up` to `down`: up again does nothing, its checks hold, packets do
// what Azure's rules predict, nothing is left.
//
// Built twice: for the scenarios with tunnels, whose kernel is that of scripts/labvm, and for all others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenario/host_state.hpp"
#include "tests/scenario/lab.hpp"
#include "tests/scenario/scenarios.hpp"

namespace test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> scenarios_to_run() {
  auto names = scenario_names();
  std::erase_if(names, [](const std::string& name) { return has_tunnels(name) != LAZULI_RUN_TUNNELS; });
  return names;
}

/// A scenario that runs under its own name, and is taken away when a test ends early.
class ScenarioRun : public testing::TestWithParam<std::string> {
 protected:
  std::filesystem::path folder() const { return scenarios_folder() / GetParam(); }
  const std::string& lab() const { return lab_; }

  void SetUp() override {
    ASSERT_THAT(remains_of(lab()), IsEmpty()) << "somebody else's: not touched";
    ours_ = true;
  }

  void TearDown() override {
    if (ours_ && !remains_of(lab()).empty()) lazuli({"down", lab()});
  }

 private:
  std::string lab_ = lab_of(GetParam());
  bool ours_ = false;
};

TEST_P(ScenarioRun, ComesUpHoldsItsChecksAndGoesWithoutATrace) {
  const auto host = observe_host();

  const int status = GetParam() == "wrong-key" ? 1 : 0;  // a tunnel that is never Connected
  const auto up = lazuli({"up", folder()});
  ASSERT_EQ(up.status, status) << up.errors;
  EXPECT_THAT(differences(host, observe_host()), IsEmpty()) << "nothing of a lab is in the host's own namespace, not while it runs either";

  const auto kernel = kernel_state_of(lab());
  const auto again = lazuli({"up", folder()});
  EXPECT_EQ(again.status, status) << again.errors;
  EXPECT_THAT(again.output, HasSubstr("nothing to do"));
  EXPECT_THAT(differences(kernel, kernel_state_of(lab())), IsEmpty());

  const auto verify = lazuli({"verify", lab(), "--json"});
  EXPECT_EQ(verify.status, 0) << verify.output;
  const auto report = nlohmann::json::parse(verify.output);
  EXPECT_GT(report["passed"], 0);
  EXPECT_EQ(report["failed"], 0) << verify.output;
  for (const auto& check : report["checks"]) EXPECT_TRUE(check["path"].is_string()) << "no packet was seen: " << check;

  const auto matrix = lazuli({"verify", lab(), "--matrix"});
  EXPECT_EQ(matrix.status, 0) << matrix.output << matrix.errors;
  EXPECT_THAT(matrix.output, HasSubstr(", 0 disagreements"));

  const auto namespaces = namespaces_of(lab());
  ASSERT_FALSE(namespaces.empty());
  EXPECT_EQ(lazuli({"down", lab()}).status, 0);
  EXPECT_THAT(remains_of(lab()), IsEmpty());
  EXPECT_THAT(processes_in(namespaces), IsEmpty());
  EXPECT_THAT(differences(host, observe_host()), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Folders, ScenarioRun, testing::ValuesIn(scenarios_to_run()), test_name);

}  // namespace
}  // namespace test
