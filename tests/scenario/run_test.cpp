// SPDX-License-Identifier: Apache-2.0
// tests/scenario/run_test.cpp — `lazuli run`: a lab for as long as a command runs, and no longer, however it ends.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <random>
#include <thread>

#include "tests/scenario/lab.hpp"
#include "tests/support/eventually.hpp"

namespace test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kTwo = R"(
virtual_networks:
  - {name: net, address_space: [10.0.0.0/16], subnets: [{name: s, address_prefixes: [10.0.0.0/24]}]}
virtual_machines:
  - {name: vm-1, subnet: net/s, public_ip_address: 203.0.113.9}
  - {name: vm2, subnet: net/s, web: 80}
)";

class Run : public testing::Test {
 protected:
  std::vector<std::string> words(const std::vector<std::string>& behind) const {
    std::vector<std::string> all{"run", file_};
    all.insert(all.end(), behind.begin(), behind.end());
    return all;
  }
  CommandStreams run_with(const std::vector<std::string>& behind) const { return lazuli(words(behind)); }
  Child started(const std::vector<std::string>& behind) const {
    auto argv = words(behind);
    argv.insert(argv.begin(), lazuli_path());
    return start(argv);
  }
  bool is_gone() const {
    return eventually([&] { return remains_of(lab_.name()).empty(); });
  }

  Lab lab_;
  std::string file_ = lab_.file(kTwo);
};

TEST_F(Run, EndsAsItsCommandAndTheLabIsGone) {
  const auto done =
      run_with({"--name", lab_.name(), "--", "sh", "-c", "echo $LAZULI_LAB $NODE_VM_1_ADDRESS $NODE_VM_1_PUBLIC_ADDRESS; exit 3"});
  EXPECT_EQ(done.status, 3);
  EXPECT_EQ(done.output, lab_.name() + " 10.0.0.4 203.0.113.9\n") << "and nothing else";
  EXPECT_THAT(done.errors, IsEmpty());
  EXPECT_THAT(remains_of(lab_.name()), IsEmpty());
}

TEST_F(Run, MayBeInANode) {
  const auto done = run_with({"--in", "vm-1", "--", "sh", "-c", "hostname; curl -s http://$NODE_VM2_ADDRESS/"});
  EXPECT_EQ(done.status, 0) << done.errors;
  EXPECT_THAT(done.output, AllOf(HasSubstr("vm-1\n"), HasSubstr("vm2 (10.0.0.5) says hello")));
  EXPECT_EQ(run_with({"--in", "vm3", "--", "true"}).status, 125);
}

TEST_F(Run, GoesSideBySideWithOthersOfTheSameFile) {
  std::vector<std::unique_ptr<Child>> all;
  for (int i = 0; i < 4; ++i)
    all.push_back(std::make_unique<Child>([&] { return run_with({"--in", "vm-1", "--", "curl", "-s", "http://10.0.0.5/"}).status; }));
  for (auto& one : all) EXPECT_EQ(WEXITSTATUS(one->wait()), 0);
  EXPECT_THAT(lazuli({"list"}).output, HasSubstr("no lab is running"));
}

TEST_F(Run, SaysWhatIsWrongWithoutTakingItForTheCommands) {
  const auto broken = (lab_.folder() / "broken.yaml").string();
  std::ofstream{broken} << "lab: x\nvirtual_network: []\n";
  EXPECT_EQ(lazuli({"run", broken, "--", "true"}).status, 2);
  EXPECT_EQ(lazuli({"run", file_}).status, 2) << "no command";
  std::ofstream{broken} << "lab: x\n" << kTwo << "  - {name: vm3, subnet: net/s, setup: ['echo why; exit 7']}\n";
  const auto failed = lazuli({"run", broken, "--", "true"});
  EXPECT_EQ(failed.status, 125);
  EXPECT_THAT(failed.errors, AllOf(HasSubstr("status 7"), HasSubstr("    why")));
  EXPECT_EQ(run_with({"--", "no-such-program"}).status, 127);
  EXPECT_THAT(lazuli({"list"}).output, HasSubstr("no lab is running"));
}

TEST_F(Run, EndsACommandThatTakesTooLong) {
  const auto ended = run_with({"--name", lab_.name(), "--timeout", "0.2", "--", "sleep", "1000"});
  EXPECT_EQ(ended.status, 124);
  EXPECT_THAT(ended.errors, HasSubstr("did not end within 0.2 s"));
  EXPECT_THAT(remains_of(lab_.name()), IsEmpty());
}

TEST_F(Run, KeepsTheLabOfAFailureWhereThatIsWanted) {
  EXPECT_EQ(run_with({"--name", lab_.name(), "--keep-on-failure", "--", "true"}).status, 0);
  EXPECT_THAT(remains_of(lab_.name()), IsEmpty()) << "nothing failed";
  const auto failed = run_with({"--name", lab_.name(), "--keep-on-failure", "--", "false"});
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.errors, HasSubstr("down -l " + lab_.name()));
  EXPECT_EQ(lab_.exec("vm-1", {"true"}).status, 0);
}

TEST_F(Run, TellsWhatAProgramSaidThatFailedMeanwhile) {
  file_ = lab_.file(std::string(kTwo) +
                    "  - {name: vm3, subnet: net/s, run: ['while ! test -e gone; do sleep 0.01; done; echo because; exit 9']}\n");
  const auto failed = run_with(
      {"--name", lab_.name(), "--", "sh", "-c",
       fmt::format("touch {}/gone; while lazuli() {{ {} \"$@\"; }}; ! lazuli status -l $LAZULI_LAB | grep -q 'status 9'; do :; done; "
                   "exit 1",
                   lab_.folder().string(), lazuli_path())});
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.errors, AllOf(HasSubstr("vm3: run0"), HasSubstr("status 9"), HasSubstr("    because")));
}

TEST_F(Run, TakesTheLabDownWhenItIsTerminated) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    auto run = started({"--name", lab_.name(), "--", "sleep", "1000"});
    ASSERT_TRUE(eventually([&] { return lab_.exec("vm-1", {"true"}).status == 0; }));
    run.signal(signal);
    EXPECT_EQ(WEXITSTATUS(run.wait()), 128 + signal);
    EXPECT_THAT(remains_of(lab_.name()), IsEmpty()) << signal;
  }
}

// The watcher, which nobody killed, has it down a moment later; the command dies with its starter.
TEST_F(Run, LeavesNothingWhenItIsKilledAtAnyMoment) {
  std::mt19937 random{20261130};
  const char* most = std::getenv("LAZULI_RUN_KILLS");
  const int rounds = most == nullptr ? 12 : std::atoi(most);
  for (int round = 0; round < rounds; ++round) {
    const auto after = std::chrono::milliseconds{std::uniform_int_distribution<int>{0, 250}(random)};
    SCOPED_TRACE(fmt::format("killed after {} ms", after.count()));
    auto run = started({"--name", lab_.name(), "--", "sh", "-c", "exec sleep 27182"});
    std::this_thread::sleep_for(after);  // the moment is what is tested
    run.kill();
    EXPECT_TRUE(is_gone());
    EXPECT_TRUE(eventually([] { return test::run({"pgrep", "-f", "^sleep 27182"}).output.empty(); }));
  }
}

}  // namespace
}  // namespace test
