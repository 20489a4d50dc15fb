// SPDX-License-Identifier: Apache-2.0
// tests/scenario/doctor_test.cpp — `lazuli doctor` tells what the kernel lacks from what it does not allow, and says what to do.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "tests/scenario/lab.hpp"
#include "tests/scenario/user.hpp"

namespace test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr uid_t kUser = 4714;

/// `argv` in a process that `restrict` was called in before. Its output is in the file `log`.
int run_restricted(const std::function<void()>& restrict, const std::vector<std::string>& argv, const std::string& log) {
  Child child{[&] {
    restrict();
    std::ofstream{log} << "";
    const auto ran = run(argv);
    std::ofstream{log} << ran.output;
    return ran.status;
  }};
  return WEXITSTATUS(child.wait());
}

/// As in a container with a filter of system calls: unshare(2) is not permitted.
void filter_unshare() {
  std::array<sock_filter, 4> program{{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                                      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
                                      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}};
  const sock_fprog filter{program.size(), program.data()};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

class Doctor : public testing::Test {
 protected:
  /// What it says, run by root in a process that `restrict` was called in.
  std::string restricted(const std::function<void()>& restrict, std::vector<std::string> argv) const {
    const auto log = (lab_.folder() / "doctor").string();
    EXPECT_EQ(run_restricted(restrict, argv, log), 1);
    return read_file(log);
  }

  const Lab lab_;
  const User ann_{kUser};
};

TEST_F(Doctor, FindsForAUserWhatItFindsForRoot) {
  const auto for_root = nlohmann::json::parse(lazuli({"doctor", "--json"}).output);
  const auto for_user = nlohmann::json::parse(ann_.lazuli({"doctor", "--json"}).output);
  auto features = for_user.at("features");
  ASSERT_EQ(features.back().at("name"), "more users than one");
  EXPECT_THAT(features.back().at("refusal").get<std::string>(), HasSubstr("no line for 4714 in /etc/subuid"));
  features.erase(features.size() - 1);
  EXPECT_EQ(features, for_root.at("features"));
  EXPECT_EQ(for_user.at("verdict"), for_root.at("verdict"));
  for (const auto& feature : features) EXPECT_EQ(feature.at("forbidden"), false) << feature;
  EXPECT_TRUE(for_user.at("advice").empty());
  EXPECT_TRUE(ann_.is_at_rest());
}

TEST_F(Doctor, TellsRootWithoutRightsSo) {
  const auto text = run({"setpriv", "--bounding-set", "-all", "--inh-caps", "-all", lazuli_path(), "doctor"});
  EXPECT_EQ(text.status, 1);
  EXPECT_THAT(text.output, AllOf(HasSubstr("FORBIDDEN   network namespaces"), HasSubstr("Operation not permitted"),
                                 HasSubstr("CAP_SYS_ADMIN"), HasSubstr("--privileged"), Not(HasSubstr("MISSING"))));
}

TEST_F(Doctor, TellsAUserOfAFilterOfSystemCalls) {
  const auto text = restricted(filter_unshare, ann_.command({"doctor"}));
  EXPECT_THAT(text, AllOf(HasSubstr("FORBIDDEN   namespaces of your own"), HasSubstr("seccomp"), Not(HasSubstr("MISSING"))));
  const auto json = nlohmann::json::parse(restricted(filter_unshare, ann_.command({"doctor", "--json"})));
  EXPECT_EQ(json.at("features").at(0).at("forbidden"), true);
  EXPECT_THAT(json.at("advice").at(0).get<std::string>(), HasSubstr("--privileged"));
  EXPECT_THAT(restricted(filter_unshare, ann_.command({"list"})), AllOf(HasSubstr("no network of your own"), HasSubstr("seccomp")));
}

/// Puts this process into a user namespace whose switch for further ones is closed, as the owner of a container may close it.
void close_the_switch() {
  std::array<int, 2> made{};
  std::array<int, 2> mapped{};
  ASSERT_EQ(::pipe(made.data()) + ::pipe(mapped.data()), 0);
  const auto inside = ::getpid();
  Child outside{[&] {
    char go = 0;
    if (::read(made[0], &go, 1) != 1) return 1;
    std::ofstream{fmt::format("/proc/{}/uid_map", inside)} << fmt::format("0 0 1\n{0} {0} 1\n", kUser);
    std::ofstream{fmt::format("/proc/{}/gid_map", inside)} << fmt::format("0 0 1\n{0} {0} 1\n", kUser);
    return ::write(mapped[1], "", 1) == 1 ? 0 : 1;
  }};
  ASSERT_EQ(::unshare(CLONE_NEWUSER), 0);
  char go = 0;
  ASSERT_EQ(::write(made[1], "", 1), 1);
  ASSERT_EQ(::read(mapped[0], &go, 1), 1);
  std::ofstream{"/proc/sys/user/max_user_namespaces"} << "0";
  outside.wait();
}

TEST_F(Doctor, NamesTheSwitchThatIsClosedToAUser) {
  const auto text = restricted(close_the_switch, ann_.command({"doctor"}));
  EXPECT_THAT(text, AllOf(HasSubstr("FORBIDDEN   namespaces of your own"), HasSubstr("No space left on device"),
                          HasSubstr("user.max_user_namespaces is 0"), HasSubstr("'sysctl -w user.max_user_namespaces=10000'"),
                          Not(HasSubstr("apparmor")), Not(HasSubstr("userns_clone")), Not(HasSubstr("MISSING"))));
  const auto up = restricted(close_the_switch, ann_.command({"list"}));
  EXPECT_THAT(up, AllOf(HasSubstr("no network of your own"), HasSubstr("user.max_user_namespaces is 0")));
}

}  // namespace
}  // namespace test
