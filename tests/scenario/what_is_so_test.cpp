// SPDX-License-Identifier: Apache-2.0
// tests/scenario/what_is_so_test.cpp — `list`, `status` and what measures tell how a lab is, not how it was meant.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "netns/base/unique_fd.hpp"
#include "tests/scenario/lab.hpp"
#include "tests/support/eventually.hpp"

namespace test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kFive = R"(
virtual_networks:
  - {name: net, address_space: [10.0.0.0/16], subnets: [{name: s, address_prefixes: [10.0.0.0/24]}]}
virtual_machines:
  - {name: vm1, subnet: net/s, web: 80}
  - {name: vm2, subnet: net/s}
  - {name: vm3, subnet: net/s}
  - {name: vm4, subnet: net/s}
  - {name: vm5, subnet: net/s}
checks:
  - {from: vm2, ping: vm1, expect: reachable}
)";

class WhatIsSo : public testing::Test {
 protected:
  void SetUp() override { lab_.build(kFive); }

  nlohmann::json listed() const {
    for (const auto& lab : nlohmann::json::parse(lazuli({"list", "--json"}).output))
      if (lab["lab"] == lab_.name()) return lab;
    return {};
  }
  std::string state() const {
    const auto status = lab_.status();
    EXPECT_EQ(status["state"], listed()["state"]) << "list and status agree";
    return status["state"];
  }
  fs::path saved(const char* name) const { return fs::path("/run/lazuli") / lab_.name() / name; }

  Lab lab_;
};

TEST_F(WhatIsSo, IsUpWhenNothingIsAmiss) {
  EXPECT_EQ(state(), "up");
  EXPECT_THAT(lab_.status()["amiss"], IsEmpty());
  EXPECT_EQ(listed()["file"], (lab_.folder() / "lab.yaml").string());
  EXPECT_EQ(listed()["user"], "root");
}

TEST_F(WhatIsSo, IsDegradedWhenAMachineIsGone) {
  run({"ip", "netns", "del", lab_.namespace_of("vm3")});
  EXPECT_EQ(state(), "degraded");
  EXPECT_THAT(lazuli({"list"}).output, HasSubstr("degraded: 1 of 5 machines is missing (vm3)"));
  const auto up = fmt::format("up {}", (lab_.folder() / "lab.yaml").string());
  EXPECT_THAT(lazuli({"status", lab_.name()}).output, AllOf(HasSubstr("1 of 5 machines is missing (vm3)"), HasSubstr(up)));
  for (const auto& words : std::vector<std::vector<std::string>>{{"exec", lab_.name() + "/vm3", "true"},
                                                                 {"shell", lab_.name() + "/vm3"},
                                                                 {"capture", lab_.name() + "/vm3", "-w", lab_.folder() / "x"},
                                                                 {"verify", lab_.name()},
                                                                 {"verify", lab_.name(), "--matrix"},
                                                                 {"trace", lab_.name() + "/vm1", "vm3"}}) {
    const auto refused = lazuli(words);
    EXPECT_EQ(refused.status, words.front() == "exec" || words.front() == "shell" ? 125 : 1) << words.front();
    EXPECT_THAT(refused.errors, AllOf(HasSubstr("1 of 5 machines is missing (vm3)"), HasSubstr(up), Not(HasSubstr("/run/netns"))))
        << words.front();
  }
  lab_.build(kFive);
  EXPECT_EQ(state(), "up");
  EXPECT_EQ(lazuli({"verify", lab_.name()}).status, 0);
}

TEST_F(WhatIsSo, IsDegradedWhenAllIsGone) {
  for (const auto* node : {"vm1", "vm2", "vm3", "vm4", "vm5", "net", "internet"}) run({"ip", "netns", "del", lab_.namespace_of(node)});
  EXPECT_EQ(state(), "degraded");
  EXPECT_THAT(lazuli({"list"}).output, HasSubstr("5 of 5 machines are missing"));
}

TEST_F(WhatIsSo, IsDegradedWhenAProgramEnded) {
  for (const auto& process : fs::directory_iterator("/proc")) {
    if (read_file(process.path() / "cmdline").find("lazuli-server") == std::string::npos) continue;
    ::kill(std::stoi(process.path().filename()), SIGKILL);
  }
  EXPECT_TRUE(eventually([&] { return state() == "degraded"; }));
  EXPECT_THAT(lab_.status()["amiss"].dump(), HasSubstr("1 program ended"));
}

TEST_F(WhatIsSo, SeesWhatOnlyTheKernelKnows) {
  run({"ip", "-n", lab_.namespace_of("vm2"), "route", "del", "default"});
  EXPECT_EQ(lab_.status()["state"], "degraded");
  EXPECT_THAT(lab_.status()["amiss"].dump(), HasSubstr("vm2: add route default via 10.0.0.1"));
}

TEST_F(WhatIsSo, IsIncompleteWhenACommandWasKilled) {
  auto record = nlohmann::json::parse(read_file(saved("lab.json")));
  record["changing"] = "up";
  std::ofstream{saved("lab.json")} << record;
  EXPECT_EQ(state(), "incomplete");
  EXPECT_EQ(listed()["complete"], false);
  EXPECT_THAT(lazuli({"status", lab_.name()}).output, HasSubstr("'up' was interrupted"));
  EXPECT_EQ(lazuli({"verify", lab_.name()}).status, 1);
  lab_.build(kFive);
  EXPECT_EQ(state(), "up");
}

TEST_F(WhatIsSo, IsSaidOfADamagedLabToo) {
  const auto good = read_file(saved("model.json"));
  auto lacking = nlohmann::json::parse(good);
  lacking["virtual_machines"][1].erase("private_ip_address");
  for (const auto& [text, wrong] : std::vector<std::pair<std::string, std::string>>{{good.substr(0, good.size() / 2), "not a saved model"},
                                                                                    {"", "not a saved model"},
                                                                                    {lacking.dump(), "'vm2' has no private address"}}) {
    std::ofstream{saved("model.json")} << text;
    EXPECT_EQ(listed()["state"], "damaged") << text;
    for (const auto* command : {"status", "verify"}) {
      const auto refused = lazuli({command, lab_.name()});
      EXPECT_EQ(refused.status, 1) << command;
      EXPECT_THAT(refused.errors, AllOf(HasSubstr(saved("model.json").string()), HasSubstr(wrong), HasSubstr("down " + lab_.name())))
          << command;
    }
  }
  EXPECT_EQ(lazuli({"up", lab_.folder()}).status, 0);
  EXPECT_EQ(state(), "up");
  std::ofstream{saved("model.json")} << "{";
  auto with_a_sixth = std::string(kFive);
  with_a_sixth.insert(with_a_sixth.find("checks:"), "  - {name: vm6, subnet: net/s, setup: [exit 7]}\n");
  const auto failed = lab_.up(with_a_sixth);
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.errors, HasSubstr("what it was nobody knows"));
  EXPECT_EQ(run({"ip", "netns", "exec", lab_.namespace_of("vm1"), "ping", "-c", "1", "-W", "5", "10.0.0.5"}).status, 0) << "and it runs on";
  EXPECT_EQ(lab_.down().status, 0);
  EXPECT_THAT(remains_of(lab_.name()), IsEmpty());
}

TEST_F(WhatIsSo, IsNotDisturbedByStrayEntries) {
  std::ofstream{"/run/lazuli/notes.txt"} << "x";
  std::ofstream{"/run/lazuli/aplainfile"} << "x";
  fs::create_directory("/run/lazuli/Not_A_Lab");
  EXPECT_EQ(lazuli({"status"}).status, 0) << "one lab runs";
  EXPECT_EQ(lazuli({"routes", "vm1"}).status, 0);
}

/// The lock as another lazuli would hold it.
netns::UniqueFd held(const fs::path& path) {
  netns::UniqueFd file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  EXPECT_EQ(::fcntl(file.get(), F_SETLK, &lock), 0);
  return file;
}

TEST_F(WhatIsSo, IsWaitedForAloudAndNotForEver) {
  {
    const auto other = held(saved("lock"));
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"up", lab_.folder(), "--timeout", "1.5"}, {"down", lab_.name(), "--timeout", "1.5"}}) {
      const auto waited = lazuli(words);
      EXPECT_EQ(waited.status, 1);
      EXPECT_THAT(waited.errors,
                  AllOf(HasSubstr(fmt::format("waiting for another lazuli (pid {}) that changes lab '{}'\n", ::getpid(), lab_.name())),
                        HasSubstr("nothing was changed")));
    }
  }
  EXPECT_EQ(lazuli({"up", lab_.folder(), "--timeout", "1.5"}).status, 0);
}

// What is measured while the lab changes is no verdict on it.
TEST_F(WhatIsSo, IsNotMeasuredWhileItChanges) {
  const auto one = lab_.file(kFive);
  std::string body(kFive);
  body.replace(body.find("web: 80"), 7, "web: 81");
  const auto other = lab_.folder() / "other.yaml";
  std::ofstream{other} << "lab: " << lab_.name() << '\n' << body;
  Child changer{[&] {
    for (int i = 0; i < 40; ++i) lazuli({"up", i % 2 == 0 ? other.string() : one, "--replace"});
    return 0;
  }};
  int said = 0;
  for (int i = 0; i < 10; ++i) {
    const auto measured = lazuli({"verify", lab_.name(), "--matrix"});
    EXPECT_THAT(measured.status, AnyOf(0, 1)) << measured.output << measured.errors;
    if (measured.status != 1) continue;
    ++said;
    EXPECT_THAT(measured.errors,
                AnyOf(HasSubstr("changed while it was measured; run it again"), HasSubstr("run this again when that is done")));
  }
  EXPECT_GT(said, 0);
}

TEST(Verify, OfALabWithoutChecksIsWrongUse) {
  const Lab lab;
  lab.build(std::string(kFive).substr(0, kFive.find("checks:")));
  const auto nothing = lazuli({"verify", lab.name()});
  EXPECT_EQ(nothing.status, 2);
  EXPECT_THAT(nothing.errors, AllOf(HasSubstr("has nothing to verify"), HasSubstr("--matrix")));
}

}  // namespace
}  // namespace test
