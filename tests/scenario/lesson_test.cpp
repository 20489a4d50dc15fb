// SPDX-License-Identifier: Apache-2.0
// tests/scenario/lesson_test.cpp — `verify --steps`: changes and their checks, and a lab that is afterwards what it was; commands of
// checks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <fstream>

#include "tests/scenario/lab.hpp"
#include "tests/scenario/terminal.hpp"
#include "tests/support/eventually.hpp"

namespace test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kOneNetwork =
    "virtual_networks: [{name: net, address_space: [10.1.0.0/16], subnets: [{name: s, address_prefixes: [10.1.0.0/24]}]}]\n"
    "virtual_machines:\n"
    "  - {name: vm1, subnet: net/s, environment: {GREETING: hello}, user: nobody}\n"
    "  - {name: vm2, subnet: net/s, web: 80}\n";

class Lesson : public testing::Test {
 protected:
  void build(const std::string& more) {
    path_ = lab_.file(std::string(kOneNetwork) + more);
    ASSERT_EQ(lazuli({"up", path_}).status, 0);
    remember();
  }

  void remember() {
    kernel_ = kernel_state_of(lab_.name());
    status_ = lab_.status();
  }

  void expect_as_it_was() const {
    EXPECT_THAT(differences(kernel_, kernel_state_of(lab_.name())), IsEmpty());
    EXPECT_EQ(lab_.status(), status_);
    EXPECT_THAT(lazuli({"plan", path_}).output, HasSubstr("nothing to change"));
  }

  CommandStreams play(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{"verify", "--steps", lab_.name()};
    words.insert(words.end(), more.begin(), more.end());
    return lazuli(words);
  }

  Lab lab_;
  std::string path_;
  Lines kernel_;
  json status_;
};

TEST_F(Lesson, GoesFromBlockedToReachableAndLeavesTheLabAsItWas) {
  path_ = lab_.scenario_file(scenarios_folder() / "peering-states" / "lab.yaml");
  ASSERT_EQ(lazuli({"up", path_}).status, 0);
  remember();
  const auto junit = lab_.folder() / "junit.xml";
  const auto played = play({"--json", "--junit", junit.string()});
  ASSERT_EQ(played.status, 0) << played.output << played.errors;
  const auto report = json::parse(played.output);
  EXPECT_EQ(report["checks"][0]["actual"], "blocked");
  ASSERT_EQ(report["steps"].size(), 4U);
  EXPECT_EQ(report["steps"][0]["name"], "both sides");
  EXPECT_EQ(report["steps"][0]["checks"][0]["actual"], "reachable");
  EXPECT_EQ(report["steps"][1]["checks"][0]["actual"], "blocked");
  EXPECT_EQ(report["steps"][2]["checks"], json::array());
  EXPECT_EQ(report["steps"][3]["checks"][0]["path"], "peering");
  EXPECT_GT(report["steps"][3]["checks"][0]["duration"], 0);
  EXPECT_THAT(read_file(junit), HasSubstr("both made again"));
  expect_as_it_was();  // Initiated, not Disconnected as after the other side went
}

TEST_F(Lesson, GoesOnAfterACheckThatFails) {
  build(
      "steps:\n"
      "  - {name: wrong, checks: [{from: vm1, ping: vm2, expect: blocked}]}\n"
      "  - {name: right, change: {virtual_machines: [{name: vm2, remove: true}]}, checks: [{from: vm1, ping: vm1}]}\n");
  const auto played = play();
  EXPECT_EQ(played.status, 3);
  EXPECT_THAT(played.output,
              AllOf(HasSubstr("step 1: wrong"), HasSubstr("FAIL"), HasSubstr("step 2: right"), HasSubstr("again what it was")));
  expect_as_it_was();
}

TEST_F(Lesson, EndsWithAChangeThatCannotBeMade) {
  build(
      "steps:\n"
      "  - {name: more, change: {virtual_machines: [{name: vm3, subnet: net/s}]}, checks: [{from: vm3, ping: vm2}]}\n"
      "  - {name: broken, change: {virtual_machines: [{name: vm4, subnet: net/s, setup: [exit 7]}]}}\n"
      "  - {name: never, checks: [{from: vm1, ping: vm2}]}\n");
  const auto played = play({"--json"});
  EXPECT_EQ(played.status, 3);
  EXPECT_THAT(played.errors, AllOf(HasSubstr("step 'broken' could not be made"), HasSubstr("status 7")));
  const auto report = json::parse(played.output);
  ASSERT_EQ(report["steps"].size(), 2U);
  EXPECT_EQ(report["steps"][0]["passed"], 1);
  EXPECT_THAT(report["steps"][1]["failure"].get<std::string>(), HasSubstr("could not be built"));
  expect_as_it_was();
}

TEST_F(Lesson, ASignalEndsItAndTheCommandOfACheck) {
  build(
      "steps:\n"
      "  - name: waits\n"
      "    change: {virtual_machines: [{name: vm3, subnet: net/s}]}\n"
      "    checks: [{from: vm3, run: 'sleep 1234 & sleep 1234'}]\n");
  for (const int signal : {SIGINT, SIGTERM}) {
    auto child = start({lazuli_path(), "verify", "--steps", lab_.name()}, (lab_.folder() / "log").string());
    ASSERT_TRUE(eventually([&] {
      const auto all = processes_in(namespaces_of(lab_.name()));
      return std::ranges::count_if(all, [](const std::string& words) { return words.find("sleep 1234") != std::string::npos; }) >= 2;
    }));
    child.signal(signal);
    const int ended = child.wait();
    EXPECT_TRUE(WIFEXITED(ended));
    EXPECT_EQ(WEXITSTATUS(ended), 1);
    EXPECT_THAT(read_file(lab_.folder() / "log"), HasSubstr("interrupted; lab '" + lab_.name() + "' is again what it was"));
    EXPECT_THAT(processes_in(namespaces_of(lab_.name())), testing::Not(Contains(HasSubstr("sleep 1234"))));
    expect_as_it_was();
  }
}

TEST_F(Lesson, NeedsALabThatIsWhatItsFileSays) {
  build("steps: [{name: none, checks: [{from: vm1, ping: vm2}]}]\n");
  ASSERT_EQ(lazuli({"exec", "-l", lab_.name(), "vm1", "--", "ip", "link", "set", "eth0", "down"}).status, 0);
  const auto changed = play();
  EXPECT_EQ(changed.status, 1);
  EXPECT_THAT(changed.errors, HasSubstr("is not what its file says; "));
  ASSERT_EQ(lazuli({"up", path_}).status, 0);
  EXPECT_EQ(play().status, 0);
  build("");
  const auto without = play();
  EXPECT_EQ(without.status, 2);
  EXPECT_THAT(without.errors, HasSubstr("has no steps to play"));
}

TEST_F(Lesson, AStepThatIsWrongIsToldBeforeAnythingIsDone) {
  path_ = lab_.file(std::string(kOneNetwork) + "steps: [{name: odd, change: {virtual_machines: [{name: vm3, subnet: net/t}]}}]\n");
  for (const auto* command : {"check", "up"}) {
    const auto told = lazuli({command, path_});
    EXPECT_EQ(told.status, 2);
    EXPECT_THAT(told.errors, HasSubstr("has no subnet 't'"));
  }
  EXPECT_THAT(remains_of(lab_.name()), IsEmpty());
}

TEST_F(Lesson, CommandsOfChecksRunAsTheNodesOwnProgramsDo) {
  build(
      "checks:\n"
      "  - {name: all of it, from: vm1, run: 'echo $GREETING $LAZULI_NODE; id -un; pwd; hostname', output: '^hello vm1$'}\n"
      "  - {name: the user, from: vm1, run: 'id -un', output: nobody}\n"
      "  - {name: folder, from: vm1, run: 'pwd', output: '" +
      lab_.folder().string() +
      "'}\n"
      "  - {name: names, from: vm2, run: 'cat /etc/hosts', output: '^10\\.1\\.0\\.4 +vm1'}\n"
      "  - {name: status, from: vm1, run: 'exit 3', status: 3}\n"
      "  - {name: wrong, from: vm1, run: 'echo some words; exit 4'}\n"
      "  - {name: late, from: vm2, run: 'sleep 4321 & echo begun; sleep 4321', timeout: 1}\n");
  const auto run = lazuli({"verify", lab_.name()});
  EXPECT_EQ(run.status, 3);
  for (const auto* name : {"all of it", "the user", "folder", "status"}) EXPECT_THAT(run.output, HasSubstr(std::string("ok    ") + name));
  EXPECT_THAT(run.output, HasSubstr("expected status 0, got status 4\n        | some words\n"));
  EXPECT_THAT(run.output, HasSubstr("expected status 0, got timed out: it did not end within 1 s, and was ended\n        | begun\n"));
  EXPECT_THAT(processes_in(namespaces_of(lab_.name())), testing::Not(Contains(HasSubstr("sleep 4321"))));
  expect_as_it_was();

  const auto only = json::parse(lazuli({"verify", lab_.name(), "--json", "--only", "the*", "--only", "5"}).output);
  ASSERT_EQ(only["checks"].size(), 2U);
  EXPECT_EQ(only["checks"][0]["name"], "the user");
  EXPECT_EQ(only["checks"][1]["name"], "status");
  const auto shown = on_terminal(80, {"verify", lab_.name()});
  EXPECT_THAT(shown, AllOf(HasSubstr("running 7 checks"), HasSubstr("waiting for late"), HasSubstr("7 checks, 5 hold, 2 do not")));

  const auto none = lazuli({"verify", lab_.name(), "--only", "nothing"});
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.errors, AllOf(HasSubstr("has no check 'nothing'"), HasSubstr("'the user'")));
}

}  // namespace
}  // namespace test
