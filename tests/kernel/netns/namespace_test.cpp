// SPDX-License-Identifier: Apache-2.0
#include "netns/namespace/namespace.hpp"
#include "netns/namespace/records.hpp"

#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "netns/base/error.hpp"
#include "tests/support/command.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/topology.hpp"

using netns::EnteredNamespace;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

class NamedNamespace : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::may_make_namespaces()) GTEST_SKIP() << "making network namespaces needs root";
    scratch_.emplace();
    a_ = scratch_->name("a");
  }

  std::vector<std::string> listed() const { return netns::list_namespaces(scratch_->prefix()); }
  void leave_a_file() const { std::ofstream{netns::namespace_path(a_)}; }

  std::optional<test::Scratch> scratch_;
  std::string a_;
};

}  // namespace

TEST_F(NamedNamespace, IsANewOneUnderItsName) {
  const auto home = test::current_namespace();
  scratch_->make("b");
  scratch_->make("a");
  EXPECT_THAT(listed(), ElementsAre(a_, scratch_->name("b")));
  const auto in_a = scratch_->in("a", test::current_namespace);
  EXPECT_NE(in_a, home);
  EXPECT_NE(in_a, scratch_->in("b", test::current_namespace));
}

TEST_F(NamedNamespace, KeepsTheThreadThatMadeIt) {
  unsigned long made = 0;
  std::thread([&] {
    netns::create_namespace(a_);
    made = test::current_namespace();
  }).join();
  EXPECT_EQ(made, scratch_->in("a", test::current_namespace));
}

TEST_F(NamedNamespace, IsGoneWhenRemovedAndMayBeMissingThen) {
  scratch_->make("a");
  netns::remove_namespace(a_);
  EXPECT_THAT(listed(), IsEmpty());
  EXPECT_NO_THROW(netns::remove_namespace(a_));
}

TEST_F(NamedNamespace, SaysWhichOneIsMissing) {
  try {
    netns::open_namespace(a_);
    FAIL() << "opened one that is not there";
  } catch (const netns::KernelError& error) {
    EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
    EXPECT_THAT(error.what(), testing::HasSubstr(a_));
  }
}

// Without a folder that is a mount point already, `ip` lays one over it, and what was mounted before stays below.
TEST_F(NamedNamespace, IsGoneWhenRemovedAlsoAfterTheFirstThatIpMade) {
  test::Child child{[&] {
    EXPECT_EQ(::unshare(CLONE_NEWNS), 0);
    EXPECT_EQ(::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    EXPECT_EQ(::mount("none", "/run", "tmpfs", 0, nullptr), 0);
    netns::prepare_namespace_directory();
    std::thread{[&] { netns::create_namespace(a_); }}.join();
    EXPECT_EQ(test::run_apart({"ip", "netns", "add", "of-another"}).status, 0);
    netns::remove_namespace(a_);
    EXPECT_THAT(netns::list_namespaces(""), ElementsAre("of-another"));
    std::fflush(stdout);
    return HasFailure() ? 1 : 0;
  }};
  EXPECT_EQ(child.wait(), 0);
}

int mounts_on_names() {
  std::ifstream mounts{"/proc/self/mountinfo"};
  int count = 0;
  for (std::string line; std::getline(mounts, line);) count += line.find("/run/netns") == std::string::npos ? 0 : 1;
  return count;
}

TEST_F(NamedNamespace, TheFolderOfNamesIsMountedOnItselfOnceHoweverOftenItIsPrepared) {
  test::Child child{[&] {
    EXPECT_EQ(::unshare(CLONE_NEWNS), 0);
    EXPECT_EQ(::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    EXPECT_EQ(::mount("none", "/run", "tmpfs", 0, nullptr), 0);
    const int below = mounts_on_names();  // what the new file system covers
    for (int i = 0; i < 3; ++i) netns::prepare_namespace_directory();
    EXPECT_EQ(mounts_on_names(), below + 1);
    std::thread{[&] { netns::create_namespace(a_); }}.join();
    const int before = mounts_on_names();
    for (int i = 0; i < 3; ++i) netns::prepare_namespace_directory();
    EXPECT_EQ(mounts_on_names(), before);
    std::fflush(stdout);
    return HasFailure() ? 1 : 0;
  }};
  EXPECT_EQ(child.wait(), 0);
}

// The kernel says "No space left on device" of it, which sounds like a full disk.
TEST_F(NamedNamespace, SaysWhichLimitHoldsNamespacesBack) {
  test::Child child{[&] {
    EXPECT_EQ(::unshare(CLONE_NEWUSER | CLONE_NEWNET), 0);
    std::ofstream{"/proc/sys/user/max_net_namespaces"} << "1";
    std::string words;
    try {
      netns::make_namespace(a_);
    } catch (const netns::KernelError& error) {
      words = error.what();
    }
    EXPECT_THAT(words, testing::HasSubstr("create network namespace " + a_));
    EXPECT_THAT(words, testing::HasSubstr("user.max_net_namespaces"));
    std::fflush(stdout);
    return HasFailure() ? 1 : 0;
  }};
  EXPECT_EQ(child.wait(), 0);
}

TEST_F(NamedNamespace, IsKnownByWhatWasRecordedOfIt) {
  const netns::NamespaceRecords records{scratch_->folder() / "records"};
  EXPECT_THAT(records.read(), IsEmpty());
  scratch_->make("a");
  const auto identity = netns::identity_of(netns::open_namespace(a_));
  EXPECT_NE(identity.cookie, 0U);
  records.write(a_, identity);
  records.write("gone", {1, 2});
  EXPECT_EQ(records.read().at(a_), identity);
  EXPECT_THAT(presence_of(records).present, ElementsAre(a_));
  EXPECT_THAT(presence_of(records).missing, ElementsAre("gone"));
  records.forget("gone");
  records.forget("gone");
  EXPECT_THAT(presence_of(records).missing, IsEmpty());
  netns::remove_namespace(a_);
  EXPECT_THAT(presence_of(records).missing, ElementsAre(a_));
}

TEST_F(NamedNamespace, ARecordThatIsNoneIsAnErrorNotNothing) {
  const auto folder = scratch_->folder() / "records";
  std::filesystem::create_directories(folder);
  std::filesystem::create_symlink("nonsense", folder / a_);
  EXPECT_THROW(netns::NamespaceRecords{folder}.read(), netns::KernelError);
}

// What a process leaves that is killed between making the file and mounting on it.
TEST_F(NamedNamespace, LeftoverFileIsListedButHoldsNoNamespace) {
  leave_a_file();
  EXPECT_THAT(listed(), ElementsAre(a_));
  EXPECT_THROW(netns::open_namespace(a_), netns::KernelError);
}

TEST_F(NamedNamespace, LeftoverFileIsUsedAgain) {
  leave_a_file();
  scratch_->make("a");
  EXPECT_NE(scratch_->in("a", test::current_namespace), test::current_namespace());
}

TEST_F(NamedNamespace, LeftoverFileIsRemoved) {
  leave_a_file();
  netns::remove_namespace(a_);
  EXPECT_THAT(listed(), IsEmpty());
}

// Each `create_namespace` mounts; a name that was given twice holds two mounts.
TEST_F(NamedNamespace, IsRemovedWithEveryMountOnItsName) {
  scratch_->make("a");
  scratch_->make("a");
  netns::remove_namespace(a_);
  EXPECT_THAT(listed(), IsEmpty());
}

TEST_F(NamedNamespace, IsLeftAgainWhenTheScopeEndsAndAfterAnException) {
  scratch_->make("a");
  const auto home = test::current_namespace();
  { const EnteredNamespace inside(a_); }
  EXPECT_EQ(test::current_namespace(), home);
  EXPECT_THROW(scratch_->in("a", [] { throw std::runtime_error("refused"); }), std::runtime_error);
  EXPECT_EQ(test::current_namespace(), home);
}

TEST_F(NamedNamespace, ThatCannotBeEnteredLeavesTheThreadWhereItIs) {
  const auto home = test::current_namespace();
  EXPECT_THROW(EnteredNamespace{a_}, netns::KernelError);
  EXPECT_EQ(test::current_namespace(), home);
}

TEST_F(NamedNamespace, IsEnteredByOneThreadAlone) {
  scratch_->make("a");
  const auto home = test::current_namespace();
  unsigned long elsewhere = 0;
  const EnteredNamespace inside(a_);
  std::thread([&] {
    const EnteredNamespace again(a_);
    elsewhere = test::current_namespace();
  }).join();
  EXPECT_EQ(elsewhere, test::current_namespace());
  EXPECT_NE(elsewhere, home);
}
