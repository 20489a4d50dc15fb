// SPDX-License-Identifier: Apache-2.0
// tests/scenario/rootless_test.cpp — ordinary users have labs without any right: what root's labs do, out of each other's sight, and
// without a trace however they end.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/scenario/lab.hpp"
#include "tests/scenario/scenarios.hpp"
#include "tests/scenario/user.hpp"
#include "tests/support/eventually.hpp"

namespace test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class Rootless : public testing::Test {
 protected:
  void build(const User& user) const {
    const auto built = user.lazuli({"up", user.scenario("two-vnets")});
    ASSERT_EQ(built.status, 0) << built.errors;
  }

  const User ann_{4711};
};

TEST_F(Rootless, HasALabAndNothingIsLeftOfIt) {
  const auto before = kernel_state_of("two-vnets");
  build(ann_);
  EXPECT_THAT(ann_.lazuli({"list"}).output, AllOf(HasSubstr("two-vnets"), HasSubstr("4711")));
  EXPECT_EQ(ann_.lazuli({"exec", "vm1", "--", "ping", "-c", "1", "-W", "5", "10.2.0.4"}).status, 0);
  EXPECT_EQ(ann_.lazuli({"verify"}).status, 0);
  EXPECT_THAT(ann_.lazuli({"up", ann_.scenario("two-vnets")}).output, HasSubstr("nothing to do"));
  EXPECT_THAT(lazuli({"list"}).output, HasSubstr("no lab is running")) << "root has none";
  EXPECT_FALSE(fs::exists("/run/netns/two-vnets.vm1"));
  EXPECT_EQ(ann_.lazuli({"down"}).status, 0);
  EXPECT_TRUE(ann_.is_at_rest());
  EXPECT_EQ(kernel_state_of("two-vnets"), before);
  EXPECT_FALSE(fs::exists("/run/lazuli"));
}

TEST_F(Rootless, SeesNoOtherUser) {
  const User bob{4712};
  build(ann_);
  build(bob);
  EXPECT_EQ(bob.lazuli({"down"}).status, 0);
  EXPECT_THAT(bob.lazuli({"list"}).output, HasSubstr("no lab is running"));
  EXPECT_EQ(ann_.lazuli({"verify"}).status, 0);
}

TEST_F(Rootless, EndsAsItsCommandDoes) {
  build(ann_);
  EXPECT_EQ(ann_.lazuli({"exec", "vm1", "--", "sh", "-c", "exit 7"}).status, 7);
  EXPECT_EQ(ann_.lazuli({"exec", "vm1", "--", "no-such-program"}).status, 127);
  EXPECT_EQ(ann_.lazuli({"exec", "vm3", "--", "true"}).status, 125);
  EXPECT_EQ(ann_.lazuli({"exec", "vm1", "--", "sh", "-c", "kill -TERM $$"}).status, 128 + SIGTERM);
  EXPECT_EQ(ann_.lazuli({"up", "no-such-file"}).status, 2);
}

TEST_F(Rootless, EndsWhatItRanWhenItIsEndedItself) {
  build(ann_);
  for (const int signal : {SIGTERM, SIGKILL}) {
    auto command = start(ann_.command({"exec", "vm1", "--", "sleep", "31415"}));
    ASSERT_TRUE(eventually([&] { return !ann_.processes("^sleep 31415").empty(); }));
    command.signal(signal);
    command.wait();
    EXPECT_TRUE(eventually([&] { return ann_.processes("^sleep 31415").empty(); })) << "signal " << signal;
  }
}

TEST_F(Rootless, SaysInsideANodeWhereOneIs) {
  build(ann_);
  for (const auto* command : {"status", "list", "up"}) {
    const auto inside = ann_.lazuli({"exec", "vm1", "--", "./bin/lazuli", command});
    EXPECT_EQ(inside.status, 1) << command;
    EXPECT_THAT(inside.errors, HasSubstr("this is inside node 'vm1' of lab 'two-vnets'")) << command;
  }
}

// As usermod(8) gives it; the test's own /etc lies over the machine's.
TEST_F(Rootless, RunsProgramsAsOthersWhereSubuidGivesAUserMoreThanOne) {
  std::ofstream{ann_.folder() / "lab.yaml"}
      << "lab: users\nvirtual_networks: [{name: net, address_space: [10.0.0.0/16], subnets: [{name: s, "
         "address_prefixes: [10.0.0.0/24]}]}]\n"
         "virtual_machines: [{name: vm1, subnet: net/s, user: nobody, run: [id -un]}]\n";
  const auto etc = ann_.folder() / "etc";
  fs::create_directory(etc);
  std::ofstream{etc / "passwd"} << read_file("/etc/passwd") << "ann:x:4711:4711::/:/bin/sh\n";
  for (const auto* file : {"subuid", "subgid"}) std::ofstream{etc / file} << "ann:200000:65536\n";
  std::vector<std::string> argv{"unshare", "--mount", "sh", "-c", R"(mount -t overlay -o "lowerdir=$0:/etc" none /etc && exec "$@")", etc};
  const auto with_range = [&](const std::vector<std::string>& arguments) {
    auto words = argv;
    const auto command = ann_.command(arguments);
    words.insert(words.end(), command.begin(), command.end());
    return run_apart(words);
  };
  const auto logs = with_range({"run", "lab.yaml", "--", "lazuli", "logs", "vm1"});
  EXPECT_EQ(logs.status, 0) << logs.errors;
  EXPECT_EQ(logs.output, "nobody\n");
  EXPECT_THAT(with_range({"doctor"}).output, testing::ContainsRegex("ok +more users than one"));
  const auto refused = ann_.lazuli({"run", "lab.yaml", "--", "true"});
  EXPECT_THAT(refused.errors, testing::ContainsRegex("become user 65534, for which .*/etc/subuid.*uidmap: Operation not permitted"));
  EXPECT_TRUE(ann_.is_at_rest());
}

// Whoever kills it, by mistake or at the end of a session: its labs go with it, and the next one begins anew.
TEST_F(Rootless, GoesWithItsHolder) {
  build(ann_);
  const auto holder = ann_.processes("lazuli namespace-holder");
  ASSERT_EQ(holder.size(), 1U);
  ::kill(holder[0], SIGKILL);
  EXPECT_TRUE(ann_.is_at_rest());
  EXPECT_THAT(ann_.lazuli({"list"}).output, HasSubstr("no lab is running"));
  build(ann_);
  EXPECT_EQ(ann_.lazuli({"verify"}).status, 0);
}

TEST_F(Rootless, HasOneHolderWhoeverComesFirst) {
  const auto file = ann_.scenario("two-vnets");
  std::vector<std::unique_ptr<Child>> at_once;
  for (int i = 0; i < 6; ++i) {
    const auto argv = ann_.command({"up", file, "--name", fmt::format("lab{}", i)});
    at_once.push_back(std::make_unique<Child>([argv] { return run_apart(argv).status; }));
  }
  for (auto& one : at_once) EXPECT_EQ(WEXITSTATUS(one->wait()), 0);
  EXPECT_EQ(ann_.processes("lazuli namespace-holder").size(), 1U);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(ann_.lazuli({"exec", "-l", fmt::format("lab{}", i), "vm1", "--", "true"}).status, 0);
  EXPECT_EQ(ann_.lazuli({"down", "--all"}).status, 0);
  EXPECT_TRUE(ann_.is_at_rest());
}

TEST_F(Rootless, RunsACommandOutsideAsWhoCalledIt) {
  const auto file = ann_.scenario("two-vnets");
  const auto ran = ann_.lazuli({"run", file, "--", "sh", "-c", "id -u; ./bin/lazuli exec vm1 -- curl -s -m 5 http://$NODE_VM2_ADDRESS/"});
  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_THAT(ran.output, testing::StartsWith("4711\nvm2 ("));
  auto killed = start(ann_.command({"run", file, "--", "sleep", "31415"}));
  ASSERT_TRUE(eventually([&] { return !ann_.processes("^sleep 31415").empty(); }));
  killed.kill();
  EXPECT_TRUE(ann_.is_at_rest());
}

TEST_F(Rootless, PlaysALessonAndPutsTheLabBackWhenItIsEnded) {
  std::ofstream{ann_.folder() / "lab.yaml"}
      << "lab: lesson\nvirtual_networks: [{name: net, address_space: [10.0.0.0/16], subnets: [{name: s, "
         "address_prefixes: [10.0.0.0/24]}]}]\n"
         "virtual_machines: [{name: vm1, subnet: net/s}]\n"
         "steps:\n"
         "  - {name: one more, change: {virtual_machines: [{name: vm2, subnet: net/s}]},\n"
         "     checks: [{from: vm2, run: 'ping -c 1 -W 5 vm1; sleep 27182'}]}\n";
  ASSERT_EQ(ann_.lazuli({"up"}).status, 0);
  auto lesson = start(ann_.command({"verify", "--steps"}));
  ASSERT_TRUE(eventually([&] { return !ann_.processes("^sleep 27182").empty(); }));
  lesson.signal(SIGTERM);
  EXPECT_EQ(WEXITSTATUS(lesson.wait()), 1);
  EXPECT_TRUE(ann_.processes("^sleep 27182").empty());
  EXPECT_THAT(ann_.lazuli({"plan"}).output, HasSubstr("nothing to change"));
  EXPECT_EQ(ann_.lazuli({"exec", "vm2", "--", "true"}).status, 125) << "it went with its step";
}

TEST_F(Rootless, KeepsTheLogsOfALabThatCouldNotBeBuilt) {
  std::ofstream{ann_.folder() / "lab.yaml"} << "lab: bad\nvirtual_networks: [{name: net, address_space: [10.0.0.0/16], subnets: [{name: s, "
                                               "address_prefixes: [10.0.0.0/24]}]}]\n"
                                               "virtual_machines: [{name: vm1, subnet: net/s, setup: ['echo hello; exit 7']}]\n";
  const auto refused = ann_.lazuli({"up"});
  EXPECT_EQ(refused.status, 1);
  const auto log = ann_.folder() / ".local/state/lazuli/bad/vm1.setup0.log";
  EXPECT_THAT(refused.errors, HasSubstr(log.string()));
  EXPECT_EQ(read_file(log), "hello\n");
  EXPECT_TRUE(ann_.is_at_rest());
}

/// Those that every kernel can run.
std::vector<std::string> scenarios_without_tunnels() {
  auto names = scenario_names();
  std::erase_if(names, has_tunnels);
  return names;
}

class RootlessScenario : public testing::TestWithParam<std::string> {};

TEST_P(RootlessScenario, HoldsItsChecksAndItsMatrix) {
  const User ann{4711};
  const auto built = ann.lazuli({"up", ann.scenario(GetParam())});
  ASSERT_EQ(built.status, 0) << built.errors;
  const auto checks = ann.lazuli({"verify"});
  EXPECT_EQ(checks.status, 0) << checks.output << checks.errors;
  const auto matrix = ann.lazuli({"verify", "--matrix"});
  EXPECT_EQ(matrix.status, 0) << matrix.output << matrix.errors;
  EXPECT_EQ(ann.lazuli({"down"}).status, 0);
  EXPECT_TRUE(ann.is_at_rest());
}

INSTANTIATE_TEST_SUITE_P(Folders, RootlessScenario, testing::ValuesIn(scenarios_without_tunnels()), test_name);

}  // namespace
}  // namespace test
