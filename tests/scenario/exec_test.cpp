// SPDX-License-Identifier: Apache-2.0
// tests/scenario/exec_test.cpp — `lazuli exec` becomes the command: input, outputs, status, signals, terminal and names are right.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>

#include "tests/scenario/lab.hpp"
#include "tests/scenario/terminal.hpp"
#include "tests/support/eventually.hpp"

namespace test {
namespace {

using testing::HasSubstr;

constexpr std::string_view kExecLab = R"(
virtual_networks:
  - {name: net, address_space: [10.0.0.0/16], subnets: [{name: s, address_prefixes: [10.0.0.0/24]}]}
  - {name: other, address_space: [10.1.0.0/16], subnets: [{name: s, address_prefixes: [10.1.0.0/24]}]}
virtual_machines:
  - {name: vm1, subnet: net/s}
  - {name: vm2, subnet: net/s}
  - {name: stranger, subnet: other/s}
)";

class Exec : public testing::Test {
 protected:
  void SetUp() override { lab_.build(kExecLab); }

  CommandStreams in_vm1(const std::string& script, const std::string& input = {}) const {
    return lab_.exec("vm1", {"sh", "-c", script}, input);
  }

  Lab lab_;
};

TEST_F(Exec, EndsWithTheCommandsStatus) {
  EXPECT_EQ(in_vm1("exit 0").status, 0);
  EXPECT_EQ(in_vm1("exit 7").status, 7);
  EXPECT_EQ(in_vm1("kill -KILL $$").status, 128 + SIGKILL);
}

TEST_F(Exec, KeepsOutputAndErrorsApartAndPassesInputOn) {
  const auto result = in_vm1("cat; echo trouble >&2", "line 1\nline 2\n");
  EXPECT_EQ(result.output, "line 1\nline 2\n");
  EXPECT_EQ(result.errors, "trouble\n");
}

TEST_F(Exec, PassesTheCommandsOwnOptionsOn) {
  EXPECT_EQ(lab_.exec("vm1", {"printf", "%s|", "-l", "--help", "--", "a b"}).output, "-l|--help|--|a b|");
}

TEST_F(Exec, TakesItsOwnOptionsBeforeTheCommand) {
  const auto lab = lab_.name();
  const std::vector<std::string> print{"sh", "-c", "echo $(hostname) $X"};
  const std::vector<std::vector<std::string>> before{{"exec", "-l", lab, "-e", "X=1 2", "vm1", "--"},
                                                     {"exec", "vm1", "-l", lab, "-e", "X=1 2", "--"},
                                                     {"-l", lab, "exec", "--env=X=1 2", "vm1"},
                                                     {"exec", "-e", "X=9", "-e", "X=1 2", lab + "/vm1", "--"},
                                                     {"exec", "vm1", "--lab", lab, "-e", "X=1 2"}};
  for (auto words : before) {
    words.insert(words.end(), print.begin(), print.end());
    const auto result = lazuli(words);
    EXPECT_EQ(result.output, "vm1 1 2\n") << fmt::format("{}: {}", fmt::join(words, " "), result.errors);
  }
  EXPECT_EQ(lazuli({"exec", "-l", lab, "vm1", "printf", "%s|", "-l", "--", "-e"}).output, "-l|--|-e|") << "what follows is the command's";
}

TEST_F(Exec, LetsASignalThrough) {
  const auto log = (lab_.folder() / "log").string();
  auto program = start({lazuli_path(), "exec", "-l", lab_.name(), "vm1", "--", "sh", "-c",
                        "trap 'echo told; exit 9' TERM; echo ready; while :; do sleep 0.05; done"},
                       log);
  ASSERT_TRUE(eventually([&] { return read_file(log) == "ready\n"; }));
  program.signal(SIGTERM);
  const int status = program.wait();
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 9);
  EXPECT_EQ(read_file(log), "ready\ntold\n");
}

TEST_F(Exec, HasTheCallersTerminal) {
  EXPECT_EQ(in_vm1("test -t 0 || test -t 1 || echo none").output, "none\n");

  const auto shown = on_terminal(80, {"exec", "-l", lab_.name(), "vm1", "--", "sh", "-c",
                                      "test -t 0 && test -t 1 && test -t 2 && echo yes on $(hostname); : </dev/tty && echo controlling"});
  EXPECT_EQ(shown, "yes on vm1\ncontrolling\n");
}

TEST_F(Exec, IsInTheNodesNamespaceUnderItsName) {
  EXPECT_EQ(in_vm1("hostname").output, "vm1\n");
  EXPECT_EQ(lab_.ask("VM2", {"hostname"}), "vm2\n") << "NAME-4";
  EXPECT_THAT(lab_.ask("vm1", {"ip", "-br", "-4", "address", "show", "eth0"}), HasSubstr("10.0.0.4/24"));
  EXPECT_EQ(lab_.ask("vm1", {"ls", "/sys/class/net"}), "eth0\nlo\n");
}

// PEER-31: names are those of one's own network.
TEST_F(Exec, KnowsTheNamesOfItsNetwork) {
  EXPECT_THAT(lab_.ask("vm1", {"getent", "hosts", "vm2"}), testing::MatchesRegex("10\\.0\\.0\\.5 +vm2\n"));
  EXPECT_NE(lab_.exec("vm1", {"getent", "hosts", "stranger"}).status, 0);
  EXPECT_EQ(lab_.exec("vm1", {"ping", "-c", "1", "-W", "2", "vm2"}).status, 0);
}

TEST_F(Exec, SaysWhatIsWrong) {
  const auto no_node = lab_.exec("vm11", {"true"});
  EXPECT_EQ(no_node.status, 125);
  EXPECT_THAT(no_node.errors, HasSubstr("has no node 'vm11' (did you mean 'vm1'?)"));
  EXPECT_EQ(lazuli({"exec", "-l", lab_.name(), "vm1"}).status, 125);
  EXPECT_EQ(lazuli({"exec", "-l", lab_.name(), "vm1", "--"}).status, 125);
  EXPECT_EQ(lazuli({"exec", "-l", lab_.name() + "x", "vm1", "--", "true"}).status, 125);
  EXPECT_EQ(lazuli({"exec", "-l", lab_.name(), "-e", "X", "vm1", "--", "true"}).status, 125);
  const auto no_program = lab_.exec("vm1", {"no-such-program"});
  EXPECT_EQ(no_program.status, 127);
  EXPECT_EQ(no_program.errors, "error: no-such-program: No such file or directory\n");
  EXPECT_EQ(lab_.exec("vm1", {"/etc/passwd"}).status, 126);
  EXPECT_EQ(lab_.exec("vm1", {"/"}).status, 126);
  EXPECT_EQ(lab_.exec("vm1", {"/etc/passwd/x"}).status, 127);
}

}  // namespace
}  // namespace test
