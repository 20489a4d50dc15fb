// SPDX-License-Identifier: Apache-2.0
// tests/scenario/programs_test.cpp — what a lab file has machines run: before what, how often, and who hears how it ended.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "netns/base/unique_fd.hpp"
#include "tests/scenario/lab.hpp"
#include "tests/support/eventually.hpp"

namespace test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kNetwork = R"(
virtual_networks:
  - {name: net, address_space: [10.0.0.0/16], subnets: [{name: s, address_prefixes: [10.0.0.0/24]}]}
)";

/// A lab with two machines, of which `vm1` also has `keys`.
std::string with_keys(std::string_view keys) {
  return fmt::format(
      "{}virtual_machines:\n  - {{name: vm1, subnet: net/s, private_ip_address: 10.0.0.4{}{}}}\n  - {{name: vm2, subnet: net/s}}\n",
      kNetwork, keys.empty() ? "" : ", ", keys);
}

class Programs : public testing::Test {
 protected:
  std::string out(const std::string& file) const { return read_file(lab_.folder() / file); }

  Lab lab_;
};

// Whatever ends, however soon: it is done. Each once in a setup and once as a program that runs.
TEST_F(Programs, ThatEndWellAreDone) {
  constexpr std::string_view kCommands =
      R"(["true", "sysctl -qw net.ipv4.ip_default_ttl=63", "nft add table inet mine", "setsid -f sleep 1000", "sleep 0.3"])";
  constexpr int kRounds = 3;
  for (int round = 0; round < kRounds; ++round) {
    for (const std::string key : {"setup", "run"}) {
      const auto file = with_keys(fmt::format("{}: {}", key, kCommands));
      lab_.build(file);
      EXPECT_THAT(lab_.build(file), HasSubstr("nothing to do"));
      EXPECT_EQ(lab_.down().status, 0);
      EXPECT_THAT(remains_of(lab_.name()), IsEmpty());
    }
  }
}

TEST_F(Programs, OfASetupRunOneByOneBeforeAllOthersAndOnce) {
  const auto file = with_keys(R"(setup: ["echo first >>out; sleep 0.3", "echo second >>out"], run: ["echo run >>out; exec sleep 1000"])");
  lab_.build(file);
  ASSERT_TRUE(eventually([&] { return out("out") == "first\nsecond\nrun\n"; })) << out("out");
  EXPECT_THAT(lab_.build(file), HasSubstr("nothing to do"));
  lab_.build(with_keys(R"(setup: ["echo first >>out; sleep 0.3", "echo other >>out"], run: ["echo run >>out; exec sleep 1000"])"));
  EXPECT_TRUE(eventually([&] { return out("out") == "first\nsecond\nrun\nfirst\nother\nrun\n"; })) << out("out");
}

TEST_F(Programs, OfASetupThatFailsTakeTheLabBack) {
  const auto result = lab_.up(with_keys(R"(setup: ["true", "echo tried; echo why >&2; exit 7", "touch never"])"));
  EXPECT_EQ(result.status, 1);
  const auto kept = fmt::format("/run/lazuli-logs/{}/vm1.setup1.log", lab_.name());
  EXPECT_THAT(result.errors, AllOf(HasSubstr("could not be built; nothing was left behind"), HasSubstr("vm1: setup1 `echo tried;"),
                                   HasSubstr("ended with status 7"), HasSubstr("    why\n"), HasSubstr(kept)));
  EXPECT_EQ(read_file(kept), "tried\nwhy\n");
  EXPECT_FALSE(std::filesystem::exists(lab_.folder() / "never"));
  EXPECT_THAT(remains_of(lab_.name()), IsEmpty());
  lab_.build(with_keys(""));
  EXPECT_FALSE(std::filesystem::exists(kept)) << "it is old news";
}

TEST_F(Programs, ThatFailAreToldOfAndStartedAgain) {
  const auto file = with_keys(R"(run: ["echo run >>out; echo why >&2; test -e good || exit 3"])");
  const auto failed = AllOf(HasSubstr("vm1: run0 `echo run"), HasSubstr("ended with status 3"), HasSubstr("    why\n"));
  const auto first = lab_.up(file);
  EXPECT_EQ(first.status, 1);
  EXPECT_THAT(first.errors, failed);
  EXPECT_EQ(lab_.ask("vm1", {"hostname"}), "vm1\n") << "the lab stays";
  EXPECT_THAT(lazuli({"status", lab_.name()}).output, failed);
  const auto status = lab_.status()["failedPrograms"];
  ASSERT_EQ(status.size(), 1U);
  EXPECT_EQ(status[0]["node"], "vm1");
  EXPECT_EQ(status[0]["program"], "run0");
  EXPECT_EQ(status[0]["end"], "status 3");
  EXPECT_THAT(lazuli({"plan", lab_.file(file)}).output, failed);

  const auto second = lab_.up(file);
  EXPECT_EQ(second.status, 1);
  EXPECT_EQ(out("out"), "run\nrun\n");
  std::ofstream{lab_.folder() / "good"};
  lab_.build(file);
  EXPECT_THAT(lab_.build(file), HasSubstr("nothing to do"));
  EXPECT_EQ(out("out"), "run\nrun\nrun\n");
  EXPECT_EQ(lab_.status()["failedPrograms"].size(), 0U);
}

TEST_F(Programs, MaySayAnythingInTheirLastLines) {
  const auto result = lab_.up(with_keys(R"(run: ["printf '\\377\\033[31m\\n'; exit 3"])"));
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.errors, Not(HasSubstr("\033")));
  EXPECT_EQ(lab_.status()["failedPrograms"].size(), 1U);
  EXPECT_EQ(lazuli({"plan", lab_.folder(), "--json"}).status, 0);
}

// Where a machine and a service have one name it means the machine.
TEST_F(Programs, OfANodeAreMeantBeforeAServicesOfItsName) {
  lab_.build(with_keys(R"(run: ["echo mine; exec sleep 1000"], web: 80)") + "storage_accounts: [{name: vm1, location: westus}]\n");
  EXPECT_THAT(lazuli({"logs", "vm1", "run0"}).output, HasSubstr("mine"));
  EXPECT_EQ(lazuli({"wait", "vm1:80", "--timeout", "5"}).status, 0);
  const auto matrix = nlohmann::json::parse(lazuli({"verify", "--matrix", "--json"}).output);
  EXPECT_EQ(matrix["disagreements"], 0);
  EXPECT_THAT(matrix.dump(), HasSubstr("vm1.blob.lazuli.test"));
}

TEST_F(Programs, ThatAreKilledAreStartedAgain) {
  const auto file = with_keys(R"(run: ["exec sleep 12345"])");
  lab_.build(file);
  ASSERT_EQ(lab_.exec("vm1", {"sh", "-c", "kill -9 $(pgrep -f '^sleep 12345')"}).status, 0);
  ASSERT_TRUE(eventually([&] { return lab_.status()["failedPrograms"].size() == 1; }));
  EXPECT_EQ(lab_.status()["failedPrograms"][0]["end"], "signal 9 (Killed)");
  lab_.build(file);
  EXPECT_THAT(lab_.build(file), HasSubstr("nothing to do"));
}

TEST_F(Programs, WorkBesideTheLabFileInASmallEnvironment) {
  ::setenv("A_SECRET", "of the caller's", 1);
  lab_.build(with_keys(R"(environment: {LEVEL: debug}, run: ["pwd >out; env | sort >>out; echo done >>out"])"));
  ::unsetenv("A_SECRET");
  ASSERT_TRUE(eventually([&] { return out("out").ends_with("done\n"); }));
  const auto folder = lab_.folder().string();
  EXPECT_EQ(out("out"), fmt::format("{0}\nHOME=/root\nLANG=C.UTF-8\nLAZULI_LAB={1}\nLAZULI_NODE=vm1\nLEVEL=debug\n"
                                    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nPWD={0}\ndone\n",
                                    folder, lab_.name()));
}

TEST_F(Programs, RunAsTheirUser) {
  lab_.build(with_keys(R"(user: nobody, run: ["id -un; exec sleep 1000"])"));
  EXPECT_TRUE(eventually([&] { return lazuli({"logs", "-l", lab_.name(), "vm1"}).output == "nobody\n"; }));
  const auto refused = lab_.up(with_keys("user: nobody-else"));
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.errors, HasSubstr(":6:"));
  EXPECT_THAT(refused.errors, HasSubstr("'vm1' cannot run as 'nobody-else': this machine has no user of that name"));
}

TEST_F(Programs, AreWaitedForUntilTheyListen) {
  lab_.build(with_keys(R"(listens: [9000], run: ["sleep 1; exec python3 -m http.server 9000"])"));
  EXPECT_EQ(lab_.exec("vm2", {"curl", "-s", "-o", "/dev/null", "http://10.0.0.4:9000/"}).status, 0);
  const auto matrix = lazuli({"verify", lab_.name(), "--matrix", "--json"});
  EXPECT_EQ(matrix.status, 0) << matrix.output << matrix.errors;
  EXPECT_THAT(matrix.output, HasSubstr("9000"));
}

TEST_F(Programs, ThatDoNotListenAreNamed) {
  const auto path = lab_.file(with_keys(R"(listens: [9000, 9001], run: ["exec python3 -m http.server -b 127.0.0.1 9000"])"));
  const auto result = lazuli({"up", path, "--timeout", "5"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.errors, AllOf(HasSubstr("vm1 does not listen on port 9001 after 5 s\n"),
                                   HasSubstr("vm1 listens on port 9000 of 127.0.0.1 alone, which nobody else reaches after 5 s\n")));
  EXPECT_EQ(lab_.ask("vm1", {"hostname"}), "vm1\n") << "the lab stays";
  EXPECT_EQ(lazuli({"wait", "-l", lab_.name(), "vm1:9001", "--timeout", "0"}).status, 1);
  EXPECT_EQ(lazuli({"wait", "-l", lab_.name(), "vm1"}).status, 2);
}

TEST_F(Programs, OfAServiceAreWaitedForAndTheirFailureIsTold) {
  const auto with_command = [](std::string_view command) {
    return fmt::format("{}storage_accounts: [{{name: data, command: '{}'}}]\n", with_keys(""), command);
  };
  const auto failed = lab_.up(with_command("echo no $NAME; exit 4"));
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.errors, AllOf(HasSubstr("services: data `echo no $NAME; exit 4` ended with status 4\n    no data\n"),
                                   HasSubstr("data does not listen on port 80 of")));
  lab_.build(with_command("sleep 1; exec python3 -m http.server --bind $ADDRESS 80"));
  EXPECT_EQ(lab_.exec("vm1", {"curl", "-s", "-o", "/dev/null", "http://data/"}).status, 0);
}

TEST_F(Programs, AreStartedAgainOnRequestAndTheirSetupIsNot) {
  lab_.build(with_keys(R"(setup: ["echo setup >>out"], run: ["echo run >>out; exec sleep 1000"])"));
  ASSERT_TRUE(eventually([&] { return out("out") == "setup\nrun\n"; }));
  EXPECT_EQ(lazuli({"restart", "-l", lab_.name(), "vm1"}).status, 0);
  EXPECT_TRUE(eventually([&] { return out("out") == "setup\nrun\nrun\n"; })) << out("out");
}

TEST_F(Programs, HaveTheirLogsFollowed) {
  lab_.build(
      with_keys(R"(setup: ["echo from the setup"], run: ["echo one; until test -e go; do sleep 0.05; done; echo two; exec sleep 1000"])"));
  const auto log = (lab_.folder() / "followed").string();
  auto follower = start({lazuli_path(), "logs", "-l", lab_.name(), "vm1", "run0", "-f"}, log);
  ASSERT_TRUE(eventually([&] { return read_file(log) == "one\n"; }));
  std::ofstream{lab_.folder() / "go"};
  EXPECT_TRUE(eventually([&] { return read_file(log) == "one\ntwo\n"; }));
  EXPECT_EQ(lazuli({"logs", "-l", lab_.name(), "vm1"}).output, "==> run0 <==\none\ntwo\n\n==> setup0 <==\nfrom the setup\n");
  EXPECT_EQ(lazuli({"logs", "-l", lab_.name(), "vm1", "run7"}).status, 2);
  EXPECT_EQ(lab_.down().status, 0);
  EXPECT_EQ(follower.wait(), 0) << "it ends with the lab";
}

TEST_F(Programs, EndWithTheLabThoughTheirNamespaceLostItsName) {
  lab_.build(with_keys(R"(web: 80, setup: ["setsid -f sleep 1000"], run: ["setsid -f env -i sleep 1000"])"));
  const auto namespaces = namespaces_of(lab_.name());
  ASSERT_GE(processes_in(namespaces).size(), 3U);
  auto shell = start({lazuli_path(), "exec", "-l", lab_.name(), "vm1", "sleep", "2000"});
  ASSERT_TRUE(eventually([&] {
    const auto found = processes_in(namespaces);
    return std::ranges::any_of(found, [](const std::string& process) { return process.find(": sleep 2000") != std::string::npos; });
  }));
  ASSERT_EQ(run_apart({"ip", "netns", "delete", lab_.namespace_of("vm1")}).status, 0);
  EXPECT_EQ(lab_.down().status, 0);
  EXPECT_TRUE(WIFSIGNALED(shell.wait()));
  EXPECT_THAT(processes_in(namespaces), IsEmpty());
  EXPECT_THAT(remains_of(lab_.name()), IsEmpty());
}

TEST_F(Programs, OfANamespaceThatLostItsNameAreStartedInTheNewOne) {
  const auto file = with_keys(R"(web: 80, setup: ["echo setup >>out"], run: ["exec sleep 1000"])");
  lab_.build(file);
  const auto before = namespaces_of(lab_.name());
  ASSERT_EQ(run_apart({"ip", "netns", "delete", lab_.namespace_of("vm1")}).status, 0);
  lab_.build(file);
  EXPECT_NE(lab_.page("vm2", "10.0.0.4"), "");
  EXPECT_EQ(out("out"), "setup\nsetup\n") << "it is another machine";
  EXPECT_EQ(processes_in(namespaces_of(lab_.name())).size(), 4U) << "page and program, and who watches over them";
  EXPECT_THAT(lab_.build(file), HasSubstr("nothing to do"));
}

TEST_F(Programs, DoNotComeTwiceWhenTheirRecordsAreLost) {
  const auto file = with_keys(R"(web: 80, run: ["exec sleep 1000"])");
  lab_.build(file);
  const auto before = processes_in(namespaces_of(lab_.name()));
  std::filesystem::remove_all("/run/lazuli/" + lab_.name() + "/processes");
  EXPECT_THAT(lab_.build(file), HasSubstr("nothing to do"));
  EXPECT_EQ(processes_in(namespaces_of(lab_.name())), before);
}

// Of the host's name services none is asked: they know nothing of the lab.
TEST_F(Programs, SeeNoNameServiceOfTheHost) {
  lab_.build(with_keys(""));
  std::filesystem::create_directories("/run/nscd");
  const netns::UniqueFd service{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{AF_UNIX, "/run/nscd/socket"};
  ASSERT_EQ(::bind(service.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(service.get(), 8), 0);
  EXPECT_THAT(lab_.ask("vm1", {"getent", "hosts", "vm2"}), HasSubstr("10.0.0.5"));
  EXPECT_EQ(lab_.ask("vm1", {"ls", "/run/nscd"}), "");
  ::fcntl(service.get(), F_SETFL, O_NONBLOCK);
  EXPECT_LT(::accept(service.get(), nullptr, nullptr), 0) << "it was asked";
  std::filesystem::remove_all("/run/nscd");
}

// Names are there at every moment of an `up`, whatever it changes.
TEST_F(Programs, FindTheirNamesWhileTheLabChanges) {
  const auto lab_of = [](int round) {
    auto file = with_keys("");
    for (int i = 0; i <= round % 3; ++i) file += fmt::format("  - {{name: more{}, subnet: net/s}}\n", i);
    return file;
  };
  lab_.build(lab_of(0));
  const auto log = (lab_.folder() / "reads").string();
  auto reader =
      start({lazuli_path(), "exec", "-l", lab_.name(), "vm1", "--", "sh", "-c",
             "until test -e stop; do grep -q ' vm2' /etc/hosts && grep -q ' vm1' /etc/hosts || echo missing; echo read >&2; done"},
            log);
  for (int round = 1; round < 8; ++round) lab_.build(lab_of(round));
  EXPECT_THAT(lab_.ask("vm1", {"getent", "hosts", "more0"}), HasSubstr("more0"));
  reader.kill();
  EXPECT_THAT(read_file(log), AllOf(HasSubstr("read\n"), Not(HasSubstr("missing"))));
}

}  // namespace
}  // namespace test
