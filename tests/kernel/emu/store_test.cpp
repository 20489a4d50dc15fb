// SPDX-License-Identifier: Apache-2.0
// The folder of labs has a fixed path, so each test runs in a process of its own with an empty /run that nobody else sees.
#include "emu/lab/store.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <optional>
#include <string>

#include "netns/namespace/namespace.hpp"
#include "tests/support/command.hpp"
#include "tests/support/topology.hpp"

using emu::LockedLab;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

emu::Model model_of(const char* lab) {
  emu::Model model;
  model.lab = lab;
  auto& network = model.virtual_networks.emplace_back();
  network.name = "net";
  network.address_space = {*netns::Ipv4Prefix::parse("10.0.0.0/16")};
  auto& subnet = network.subnets.emplace_back();
  subnet.name = "s";
  subnet.address_prefixes = {*netns::Ipv4Prefix::parse("10.0.0.0/24")};
  auto& machine = model.virtual_machines.emplace_back();
  machine.name = "vm1";
  machine.subnet = {"net", "s"};
  machine.private_ip_address = netns::Ipv4Address::parse("10.0.0.4");
  return model;
}

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777U : 0;
}

bool has_empty_run() {
  return ::unshare(CLONE_NEWNS) == 0 && ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("none", "/run", "tmpfs", 0, nullptr) == 0;
}

class Store : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::may_make_namespaces()) GTEST_SKIP() << "mounting needs root";
  }

  /// What a test expects in there is printed there; here it counts as one.
  static void with_empty_run(const std::function<void()>& work) {
    std::fflush(stdout);
    test::Child child{[&] {
      EXPECT_TRUE(has_empty_run());
      work();
      std::fflush(stdout);
      return HasFailure() ? 1 : 0;
    }};
    EXPECT_EQ(child.wait(), 0);
  }
};

}  // namespace

TEST_F(Store, RemembersALabUntilItIsForgotten) {
  with_empty_run([] {
    EXPECT_THAT(emu::list_labs(), IsEmpty());
    EXPECT_EQ(emu::load_model("one"), std::nullopt);
    const LockedLab one{"one"};
    one.save(model_of("one"));
    const LockedLab other{"other"};
    EXPECT_THAT(emu::list_labs(), ElementsAre("one", "other")) << "also one without a model";
    EXPECT_EQ(emu::load_model("one"), model_of("one"));
    EXPECT_EQ(emu::load_model("other"), std::nullopt);
    one.forget();
    EXPECT_THAT(emu::list_labs(), ElementsAre("other"));
    other.forget();
    EXPECT_FALSE(std::filesystem::exists(emu::labs_folder())) << "nothing is left of the last one";
  });
}

TEST_F(Store, IsForItsOwnerAlone) {
  with_empty_run([] {
    const LockedLab lab{"one"};
    lab.save(model_of("one"));
    EXPECT_EQ(mode_of(emu::labs_folder()), 0700U);
    EXPECT_EQ(mode_of(emu::lab_folder("one")), 0700U);
  });
}

TEST_F(Store, ReplacesAModelInOneRename) {
  with_empty_run([] {
    const LockedLab lab{"one"};
    lab.save(model_of("one"));
    std::ifstream reader{emu::lab_folder("one") / "model.json"};
    auto changed = model_of("one");
    changed.virtual_machines.clear();
    lab.save(changed);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>{reader}, {}).find("vm1") != std::string::npos, true)
        << "who was reading reads the old one to its end";
    EXPECT_EQ(emu::load_model("one"), changed);
  });
}

TEST_F(Store, UndoesASaveWithoutSpaceForIt) {
  with_empty_run([] {
    const LockedLab lab{"one"};
    lab.save(model_of("one"));
    lab.forget_before();
    auto changed = model_of("one");
    changed.virtual_machines.clear();
    lab.save(changed);
    struct statvfs run {};
    ASSERT_EQ(::statvfs("/run", &run), 0);
    const auto taken = (run.f_blocks - run.f_bfree) * run.f_frsize;
    EXPECT_EQ(::mount("none", "/run", "tmpfs", MS_REMOUNT, fmt::format("size={}", taken).c_str()), 0);
    lab.unsave();
    EXPECT_EQ(emu::load_model("one"), model_of("one"));
  });
}

TEST_F(Store, KnowsTheModelOfTheFlowsUntilTheyAreJudged) {
  with_empty_run([] {
    const LockedLab lab{"one"};
    lab.save(model_of("one"));
    EXPECT_EQ(lab.model_of_flows(), std::nullopt) << "nothing flowed before";
    auto changed = model_of("one");
    changed.virtual_machines.clear();
    lab.save(changed);
    lab.save(changed);  // the first command was killed before it had judged them
    EXPECT_EQ(lab.model_of_flows(), model_of("one"));
    lab.forget_before();
    EXPECT_EQ(lab.model_of_flows(), std::nullopt);
  });
}

TEST_F(Store, PassesOverWhatCannotBeALab) {
  with_empty_run([] {
    const LockedLab lab{"one"};
    std::ofstream{emu::labs_folder() / "stray"} << "x";
    std::filesystem::create_directory(emu::labs_folder() / "No Lab");
    EXPECT_THAT(emu::list_labs(), ElementsAre("one"));
  });
}

TEST_F(Store, RewritesFilesInPlace) {
  with_empty_run([] {
    const LockedLab lab{"one"};
    lab.write_files({{"hosts/a", "a much longer first text\n"}});
    std::ifstream mounted{emu::lab_folder("one") / "hosts/a"};
    lab.write_files({{"hosts/a", "second\n"}});
    const std::string seen{std::istreambuf_iterator<char>{mounted}, {}};
    EXPECT_THAT(seen, testing::MatchesRegex("#[^\n]*\nsecond\n")) << "what has gone is a comment";
  });
}

TEST_F(Store, LetsOneCommandAtATimeAtALab) {
  with_empty_run([] {
    std::optional<LockedLab> first{"one"};
    auto second = std::async(std::launch::async, [] { return LockedLab{"one"}.name(); });
    EXPECT_EQ(second.wait_for(std::chrono::milliseconds{100}), std::future_status::timeout);
    EXPECT_EQ(LockedLab{"other"}.name(), "other") << "another lab does not wait";
    first.reset();
    EXPECT_EQ(second.get(), "one");
  });
}

TEST_F(Store, IsNotLockedByAChildThatOutlivesItsMaker) {
  with_empty_run([] {
    std::optional<test::Child> child;
    {
      const LockedLab lab{"one"};
      child.emplace([] { return ::pause(); });
    }
    EXPECT_EQ(LockedLab("one", {std::chrono::seconds{1}, {}}).name(), "one");
    EXPECT_EQ(emu::lock_holder("one"), std::nullopt);
  });
}

// What nft has under way when `up` is killed comes to its end; nobody else works on the lab before.
TEST_F(Store, StaysLockedAsLongAsAChildOfOneThatWasKilledWorks) {
  with_empty_run([] {
    std::array<int, 2> told{};
    ASSERT_EQ(::pipe(told.data()), 0);
    test::Child killed{[&] {
      const LockedLab lab{"one"};
      const auto child = ::fork();
      if (child == 0) ::pause();
      EXPECT_EQ(::write(told[1], &child, sizeof child), static_cast<ssize_t>(sizeof child));
      ::_exit(0);  // as SIGKILL would: nothing is given back
      return 0;
    }};
    pid_t child = 0;
    ASSERT_EQ(::read(told[0], &child, sizeof child), static_cast<ssize_t>(sizeof child));
    killed.wait();
    EXPECT_THROW((LockedLab{"one", {std::chrono::milliseconds{100}, {}}}), std::runtime_error);
    ::kill(child, SIGKILL);
    EXPECT_EQ(LockedLab("one", {std::chrono::seconds{10}, {}}).name(), "one");
  });
}

TEST_F(Store, WaitsForALockAloudAndWithALimit) {
  with_empty_run([] {
    const LockedLab first{"one"};
    pid_t told = 0;
    EXPECT_THROW((LockedLab{"one", {std::chrono::milliseconds{1200}, [&](pid_t pid) { told = pid; }}}), std::runtime_error);
    EXPECT_EQ(told, ::getpid());
    EXPECT_EQ(emu::lock_holder("one"), ::getpid());
  });
}

TEST_F(Store, RefusesADamagedModel) {
  with_empty_run([] {
    const LockedLab lab{"one"};
    auto lacking = model_of("one");
    lacking.virtual_machines[0].private_ip_address.reset();
    lab.save(lacking);
    EXPECT_THROW(emu::load_model("one"), emu::DamagedLab);
    lab.save(model_of("two"));
    EXPECT_THROW(emu::load_model("one"), emu::DamagedLab);
    lab.save(model_of("one"));
    EXPECT_EQ(emu::load_model("one"), model_of("one"));
  });
}

TEST_F(Store, KeepsStrayEntriesApart) {
  with_empty_run([] {
    const LockedLab lab{"one"};
    std::ofstream{emu::labs_folder() / "afile"} << "x";
    std::filesystem::create_directory(emu::labs_folder() / "No_Lab");
    EXPECT_THAT(emu::list_labs(), ElementsAre("one"));
  });
}

// Who waited for the lock of a lab that was removed meanwhile must not hold the lock of a file that nobody sees.
TEST_F(Store, AWaiterForARemovedLabLocksTheNewOne) {
  with_empty_run([] {
    std::optional<LockedLab> first{"one"};
    auto second = std::async(std::launch::async, [] { return std::optional<LockedLab>{"one"}; });
    EXPECT_EQ(second.wait_for(std::chrono::milliseconds{100}), std::future_status::timeout);
    first->forget();
    first.reset();
    auto held = second.get();
    auto third = std::async(std::launch::async, [] { return LockedLab{"one"}.name(); });
    EXPECT_EQ(third.wait_for(std::chrono::milliseconds{100}), std::future_status::timeout) << "the second one holds it";
    held.reset();
    EXPECT_EQ(third.get(), "one");
  });
}
