// SPDX-License-Identifier: Apache-2.0
#include "netns/rootless/rights.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

namespace netns {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// A machine, by its /proc.
class Machine {
 public:
  Machine() {
    auto name = (fs::temp_directory_path() / "proc-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for a /proc");
    proc_ = name;
  }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine() { fs::remove_all(proc_); }

  Machine& set(const std::string& file, const std::string& text) {
    fs::create_directories((proc_ / file).parent_path());
    std::ofstream{proc_ / file} << text << '\n';
    return *this;
  }
  const fs::path& proc() const { return proc_; }
  std::vector<std::string> ways() const { return ways_to_namespaces(proc_); }

 private:
  fs::path proc_;
};

TEST(Rights, NameTheSwitchThatIsClosedAndNoOther) {
  Machine debian;
  debian.set("sys/kernel/unprivileged_userns_clone", "0").set("sys/user/max_user_namespaces", "96000");
  EXPECT_THAT(debian.ways(), ElementsAre(AllOf(HasSubstr("kernel.unprivileged_userns_clone is 0 (Debian"),
                                               HasSubstr("'sysctl -w kernel.unprivileged_userns_clone=1'"))));
  Machine ubuntu;
  ubuntu.set("sys/kernel/apparmor_restrict_unprivileged_userns", "1").set("sys/kernel/unprivileged_userns_clone", "1");
  EXPECT_THAT(ubuntu.ways(), ElementsAre(AllOf(HasSubstr("kernel.apparmor_restrict_unprivileged_userns is 1 (Ubuntu's AppArmor"),
                                               HasSubstr("'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'"))));
  Machine hardened;
  hardened.set("sys/user/max_user_namespaces", "0").set("sys/user/max_net_namespaces", "0");
  EXPECT_THAT(hardened.ways(), ElementsAre(HasSubstr("user.max_user_namespaces is 0"), HasSubstr("user.max_net_namespaces is 0")));
}

TEST(Rights, TellAContainerByItsFilterOfSystemCalls) {
  Machine container;
  container.set("self/status", "Name:\tlazuli\nCapEff:\t000001ffffffffff\nSeccomp:\t2\nSeccomp_filters:\t1");
  EXPECT_THAT(container.ways(), ElementsAre(AllOf(HasSubstr("seccomp"), HasSubstr("--privileged"))));
}

TEST(Rights, SayWhatMayBeWhereNothingTells) {
  Machine open;
  open.set("sys/user/max_user_namespaces", "96000").set("self/status", "CapEff:\t000001ffffffffff\nSeccomp:\t0");
  EXPECT_THAT(open.ways(), ElementsAre(HasSubstr("no switch of this machine is closed")));
}

TEST(Rights, AreNotTakenForWhatAKernelLacks) {
  Machine machine;
  EXPECT_FALSE(has_user_namespaces(machine.proc()));
  EXPECT_TRUE(has_user_namespaces("/proc"));
}

TEST(Rights, FindTheRangeOfAUserByNameAndByNumber) {
  Machine machine;
  machine.set("subuid", "bob:100000:65536\n1000:165536:65536\nbroken\nann:231072:10");
  const auto file = machine.proc() / "subuid";
  EXPECT_EQ(range_in(file, "bob", "1001"), (std::pair<std::string, std::string>{"100000", "65536"}));
  EXPECT_EQ(range_in(file, "eve", "1000"), (std::pair<std::string, std::string>{"165536", "65536"}));
  EXPECT_EQ(range_in(file, "an", "10"), std::nullopt);
  EXPECT_EQ(range_in(machine.proc() / "none", "bob", "1001"), std::nullopt);
}

}  // namespace
}  // namespace netns
