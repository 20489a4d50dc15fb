// SPDX-License-Identifier: Apache-2.0
// tests/scenario/sandbox_test.cpp — root in a machine is no danger to the host, and has all that programs of a network's need.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "tests/scenario/host_state.hpp"
#include "tests/scenario/lab.hpp"
#include "tests/scenario/user.hpp"
#include "tests/scenario/ways_out.hpp"
#include "tests/support/eventually.hpp"

namespace test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kSandboxLab = R"(
virtual_networks:
  - {name: net, address_space: [10.0.0.0/16], subnets: [{name: s, address_prefixes: [10.0.0.0/24]}]}
virtual_machines:
  - {name: vm1, subnet: net/s, run: ["exec sleep 1000"]}
  - {name: vm2, subnet: net/s}
)";

using RunsScript = std::function<CommandStreams(const std::string& script)>;

/// What a host has that nobody in a machine may reach.
class Sandbox : public testing::Test {
 protected:
  Sandbox() {
    fs::create_directory("/run/canary");
    std::ofstream{"/run/canary/secret"} << "hush\n";
    memory_ = run_apart({"ipcmk", "-M", "4096"}).output;
  }
  ~Sandbox() override { run_apart({"ipcrm", "-m", memory_.substr(memory_.rfind(' ') + 1, memory_.size() - memory_.rfind(' ') - 2)}); }

  /// Whether the host is as it was.
  void expect_host_unharmed() {
    EXPECT_EQ(::kill(canary_.pid(), 0), 0);
    EXPECT_EQ(fs::exists("/run/canary/x"), false);
    EXPECT_EQ(fs::exists("/etc/lazuli-canary"), false);
    EXPECT_EQ(observe_host(), host_);
  }

  CommandStreams in_vm1(const std::string& script) const { return lab_.exec("vm1", {"sh", "-c", script}); }

  Lab lab_;

 private:
  Child canary_ = start({"sleep", "27182"});
  std::string memory_;
  Lines host_ = observe_host();
};

void expect_no_way_out(const RunsScript& exec) {
  for (const auto& [name, script, open_without] : kWaysOut) {
    const auto tried = exec(script);
    EXPECT_THAT(tried.output, Not(HasSubstr("OUT"))) << name << ": " << tried.errors;
  }
}

TEST_F(Sandbox, LetsRootOutByNone) {
  lab_.build(kSandboxLab);
  expect_no_way_out([&](const std::string& script) { return in_vm1(script); });
  in_vm1("touch /run/canary/x; kill -9 -1");
  expect_host_unharmed();
  EXPECT_EQ(lab_.ask("vm2", {"hostname"}), "vm2\n");
}

TEST_F(Sandbox, LetsAUserOutByNone) {
  const User ann{4711};
  const auto file = ann.folder() / "lab.yaml";
  fs::copy_file(lab_.file(kSandboxLab), file);
  const auto up = ann.lazuli({"up", file});
  ASSERT_EQ(up.status, 0) << up.errors;
  expect_no_way_out([&](const std::string& script) { return ann.lazuli({"exec", "vm1", "--", "sh", "-c", script}); });
  EXPECT_EQ(ann.lazuli({"down"}).status, 0);
  EXPECT_TRUE(ann.is_at_rest());
  expect_host_unharmed();
}

// That the ways are ways, so that a test that finds them closed has found something.
TEST_F(Sandbox, IsWhatClosesThem) {
  lab_.build(fmt::format("isolation: none\n{}", kSandboxLab));
  for (const auto& [name, script, open_without] : kWaysOut) {
    if (!open_without) continue;
    const auto tried = in_vm1(script);
    EXPECT_THAT(tried.output, HasSubstr("OUT")) << name << ": " << tried.errors;
  }
}

TEST_F(Sandbox, HasNoSocketOfTheHosts) {
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  constexpr std::string_view kName = "lazuli-canary";
  std::memcpy(address.sun_path + 1, kName.data(), kName.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + kName.size());
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  lab_.build(kSandboxLab);
  constexpr auto kConnect = "import socket; socket.socket(socket.AF_UNIX).connect('\\0lazuli-canary'); print('connected')";
  EXPECT_EQ(run_apart({"python3", "-c", kConnect}).output, "connected\n");
  EXPECT_THAT(lab_.exec("vm1", {"python3", "-c", kConnect}).errors, HasSubstr("refused"));
  ::close(listener);
}

TEST_F(Sandbox, IsOneForAllProgramsOfAMachine) {
  lab_.build(kSandboxLab);
  const auto processes = in_vm1("cat /proc/[0-9]*/comm").output;
  EXPECT_THAT(processes, HasSubstr("sleep\n")) << "what it runs";
  EXPECT_EQ(in_vm1("echo here >/run/mine; echo here >/dev/shm/mine").status, 0);
  EXPECT_EQ(in_vm1("cat /run/mine /dev/shm/mine").output, "here\nhere\n");
  EXPECT_NE(lab_.exec("vm2", {"cat", "/run/mine"}).status, 0);
  EXPECT_EQ(in_vm1("readlink /proc/self/ns/pid").output, in_vm1("readlink /proc/self/ns/pid").output);
  const auto together = [&] {
    std::vector<std::string> both;
    auto one = start({lazuli_path(), "exec", "-l", lab_.name(), "vm2", "--", "readlink", "/proc/self/ns/pid"}, lab_.folder() / "one");
    both.push_back(lab_.ask("vm2", {"readlink", "/proc/self/ns/pid"}));
    one.wait();
    both.push_back(read_file(lab_.folder() / "one"));
    return both;
  }();
  EXPECT_EQ(together[0], together[1]) << "two at once make one";
}

TEST_F(Sandbox, HasWhatProgramsOfANetworkNeed) {
  lab_.build(kSandboxLab);
  for (const std::string script :
       {"ping -c 1 -W 5 vm2", "ip address add 10.9.9.9/32 dev lo", "sysctl -qw net.ipv4.ip_forward=1", "tc qdisc add dev lo root pfifo",
        "nft add table inet mine && nft list tables | grep -q mine",
        "timeout 5 tcpdump -c 1 -ni lo >/dev/null 2>&1 & ping -c 3 -i 0.2 127.0.0.1; wait $!",
        "python3 -c 'import pty; pty.spawn([\"true\"])'", "setpriv --reuid 4711 --regid 4711 --clear-groups id -u | grep -q 4711",
        "ls /dev/fd/0 /dev/net/tun; head -c 1 /dev/urandom >/dev/null; echo x >/dev/null", "(sleep 0.1 & wait)", "ps ax | grep -q sleep"}) {
    const auto done = in_vm1(script);
    EXPECT_EQ(done.status, 0) << script << ": " << done.errors;
  }
}

TEST_F(Sandbox, WorksInTheCallersDirectoryAndWritesWhereTheCallerMay) {
  lab_.build(kSandboxLab);
  const auto folder = lab_.folder().string();
  EXPECT_EQ(
      run_apart({"env", "-C", folder, lazuli_path(), "exec", "-l", lab_.name(), "vm1", "--", "sh", "-c", "pwd; echo it >result"}).output,
      folder + "\n");
  EXPECT_EQ(read_file(lab_.folder() / "result"), "it\n");
  fs::create_directory("/run/somewhere");
  EXPECT_EQ(run_apart({"env", "-C", "/run/somewhere", lazuli_path(), "exec", "-l", lab_.name(), "vm1", "--", "pwd"}).output, "/\n")
      << "out of sight";
}

TEST_F(Sandbox, HasNothingThatItsFirstCallerHadOpen) {
  lab_.build(kSandboxLab);
  const auto script = fmt::format("cd /run && exec 5</etc && {} exec -l {} vm2 -- sh -c 'ls /proc/self/fd/5/ /proc/1/cwd/canary; exit 7'",
                                  lazuli_path(), lab_.name());
  const auto first = run_apart({"sh", "-c", script});
  EXPECT_EQ(first.status, 7) << first.errors;
  EXPECT_EQ(first.output, "");
}

TEST_F(Sandbox, CannotPassForWhoeverKeepsAnothersRecord) {
  lab_.build(kSandboxLab);
  const auto record = fmt::format("/run/lazuli/{0}/processes/{0}.vm2.run7", lab_.name());
  const auto liar = start({lazuli_path(), "exec", "-l", lab_.name(), "vm1", "--", "bash", "-c",
                           fmt::format("(exec -a lazuli-supervisor yes {}) | sleep 300", record)});
  ASSERT_TRUE(eventually([&] { return run_apart({"pgrep", "-xf", "lazuli-supervisor " + record}).status == 0; }));
  EXPECT_EQ(lab_.status()["state"], "up");
  EXPECT_EQ(lab_.down().status, 0);
}

TEST_F(Sandbox, TakesInWhatACommandPutsIntoTheBackground) {
  lab_.build(kSandboxLab);
  EXPECT_EQ(in_vm1("setsid sleep 31415 >/dev/null 2>&1 & exit 0").status, 0);
  EXPECT_EQ(in_vm1("ps -o ppid= -p $(pidof -s sleep) >/dev/null; cat /proc/[0-9]*/cmdline | grep -qa '[3]1415'").status, 0);
  EXPECT_EQ(lab_.down().status, 0);
  EXPECT_THAT(remains_of(lab_.name()), testing::IsEmpty());
  EXPECT_EQ(run_apart({"pgrep", "-f", "sleep [3]1415"}).status, 1);
}

TEST_F(Sandbox, IsMadeAgainWhenItsFirstProcessWasKilled) {
  lab_.build(kSandboxLab);
  const auto keeper = run_apart({"pgrep", "-f", fmt::format("[-]-sandbox .*/{}$", lab_.namespace_of("vm1"))}).output;
  ASSERT_NE(keeper, "");
  ASSERT_EQ(::kill(std::stoi(keeper), SIGKILL), 0);
  ASSERT_TRUE(eventually([&] { return lab_.status().dump().find("ended") != std::string::npos; })) << lab_.status().dump();
  lab_.build(kSandboxLab);
  EXPECT_THAT(in_vm1("cat /proc/[0-9]*/comm").output, HasSubstr("sleep\n"));
  EXPECT_THAT(lab_.build(kSandboxLab), HasSubstr("nothing to do"));
}

}  // namespace
}  // namespace test
