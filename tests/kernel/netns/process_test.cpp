// SPDX-License-Identifier: Apache-2.0
#include "netns/process/process.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <optional>

#include "netns/base/subprocess.hpp"
#include "netns/namespace/namespace.hpp"
#include "tests/support/command.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/topology.hpp"

using netns::Process;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

class Processes : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::may_make_namespaces()) GTEST_SKIP() << "making network namespaces needs root";
    scratch_.emplace();
    scratch_->make("a");
    name_ = scratch_->name("a");
    records_.emplace(scratch_->folder() / "records");
  }

  static Process shell(const std::string& script) { return {{"/bin/sh", "-c", script}, {"machine", {}, {}}}; }

  void start(const Process& process) { records_->start(name_, "p", process); }
  std::filesystem::path record() const { return scratch_->folder() / "records" / (name_ + ".p"); }
  std::string log() const { return test::read_file(record().string() + ".log"); }
  bool logged(const std::string& text) const {
    return test::eventually([&] { return log().find(text) != std::string::npos; });
  }
  pid_t pid() const {
    pid_t found = 0;
    std::ifstream{record()} >> found;
    return found;
  }
  /// What `script` prints in the surroundings given.
  std::string seen(const std::string& script, const netns::Surroundings& surroundings) {
    start({{"/bin/sh", "-c", script + "; echo end; exec sleep 1000"}, surroundings});
    EXPECT_TRUE(logged("end\n")) << log();
    return log();
  }

  std::optional<test::Scratch> scratch_;
  std::optional<netns::ProcessRecords> records_;
  std::string name_;
};

}  // namespace

TEST_F(Processes, RunInTheirNamespaceAndAreFoundAgain) {
  const auto process = shell("exec sleep 1000");
  EXPECT_THAT(records_->running(), IsEmpty());
  start(process);
  EXPECT_EQ(test::processes_in(name_), 1);
  EXPECT_EQ(records_->running(), (decltype(records_->running()){{name_, {{"p", digest_of(process)}}}}));
  EXPECT_NE(digest_of(process), digest_of(shell("exec sleep 1001")));
  EXPECT_NE(netns::digest_of({{"/bin/true", "/a", "/b"}, {}}), netns::digest_of({{"/bin/true"}, {{}, {{"/a", "/b"}}, {}}}));
}

TEST_F(Processes, LogWhatTheySay) {
  start(shell("echo out; echo err >&2; exec sleep 1000"));
  EXPECT_TRUE(logged("out\nerr\n")) << log();
}

TEST_F(Processes, HoldNothingOpenButTheirLog) {
  const netns::UniqueFd inherited{::dup(STDERR_FILENO)};  // which has no O_CLOEXEC
  // The shell looks at itself: seen from here, a program that is just starting also holds the libraries it loads.
  const auto open = seen("for file in /proc/$$/fd/*; do readlink $file; done | sort -u", {"machine", {}, {}});
  EXPECT_EQ(open, "/dev/null\n" + record().string() + ".log\nend\n");
}

TEST_F(Processes, EndWhenStopped) {
  start(shell("exec sleep 1000"));
  records_->stop(name_, "p");
  EXPECT_EQ(test::processes_in(name_), 0);
  EXPECT_THAT(records_->running(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(record()));
}

TEST_F(Processes, EndWithTheirWholeGroup) {
  start(shell("sleep 1000 & sleep 1000 & echo ready; wait"));
  ASSERT_TRUE(logged("ready"));
  records_->stop(name_, "p");
  EXPECT_EQ(test::processes_in(name_), 0);
}

TEST_F(Processes, EndAlsoWhenTheyIgnoreTheFirstSignal) {
  start(shell("trap '' TERM; sleep 1000 & echo ready; wait"));
  ASSERT_TRUE(logged("ready"));
  records_->stop(name_, "p");
  EXPECT_EQ(test::processes_in(name_), 0);
}

// The one that was started ends at once, another of its group does not.
TEST_F(Processes, EndAlsoWhenOnlyAChildIgnoresTheFirstSignal) {
  start(shell("(trap '' TERM; echo ready; exec sleep 1000) & exec sleep 1000"));
  ASSERT_TRUE(logged("ready"));
  records_->stop(name_, "p");
  EXPECT_EQ(test::processes_in(name_), 0);
}

TEST_F(Processes, ThatCannotBeStartedSayWhy) {
  try {
    start({{"/no/such/program"}, {"machine", {}, {}}});
    FAIL() << "started";
  } catch (const std::exception& error) {
    EXPECT_THAT(error.what(), HasSubstr("/no/such/program"));
    EXPECT_THAT(error.what(), HasSubstr("No such file or directory"));
    EXPECT_THAT(error.what(), HasSubstr(name_));
  }
  EXPECT_THAT(records_->running(), IsEmpty());
  EXPECT_THROW(records_->start(scratch_->name("missing"), "p", shell("true")), std::exception);
}

TEST_F(Processes, ThatEndedByThemselvesArePassedOver) {
  start(shell("true"));
  EXPECT_TRUE(test::eventually([&] { return records_->running().empty(); }));
  EXPECT_NO_THROW(records_->stop(name_, "p"));
}

// The number of a process that ended is given again to another.
// As when the one who ends them is killed in between: they may end at any moment, so they are not taken for ones that go on.
TEST_F(Processes, ThatWereToldToEndAreNotTakenForRunning) {
  auto process = shell("exec sleep 1000");
  process.folder = {(scratch_->folder() / "own").string(), {{"file", "content"}}, true};
  start(process);
  records_->expect_end({name_ + "x"});
  EXPECT_EQ(records_->running().at(name_).at("p"), digest_of(process));
  records_->expect_end({name_});
  const auto found = records_->running().at(name_).at("p");
  EXPECT_FALSE(netns::same_program(digest_of(process), found)) << found;
  records_->stop(name_, "p");
  EXPECT_EQ(test::processes_in(name_), 0);
  EXPECT_FALSE(std::filesystem::exists(record()));
  EXPECT_FALSE(std::filesystem::exists(process.folder.path));
}

TEST_F(Processes, OfTheSameNumberAreNotTaken) {
  start(shell("exec sleep 1000"));
  const auto other = pid();
  std::ofstream{record()} << other << " 12345 digest\n";
  EXPECT_THAT(records_->running(), IsEmpty());
  records_->stop(name_, "p");
  EXPECT_EQ(test::processes_in(name_), 1) << "nor is it ended";
}

TEST_F(Processes, TakeNoSignalFromTheirStarterAsBlocked) {
  sigset_t terminate{};
  sigset_t before{};
  sigemptyset(&terminate);
  sigaddset(&terminate, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &terminate, &before);
  start(shell("exec sleep 1000"));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_THAT(test::read_file("/proc/" + std::to_string(pid()) + "/status"), HasSubstr("SigBlk:\t0000000000000000"));
}

TEST_F(Processes, AreToldOfNewFilesByTheirTeller) {
  const auto folder = scratch_->folder() / "own";
  const auto told = scratch_->folder() / "told";
  auto process = shell("exec sleep 1000");
  process.folder = {folder, {{"file", "old"}}, true, {"/bin/cp", folder / "file", told}};
  start(process);
  const auto before = pid();
  EXPECT_FALSE(std::filesystem::exists(told)) << "it reads them as it starts";

  process.folder.files["file"] = "new";
  records_->reread(name_, "p", process);
  EXPECT_EQ(test::read_file(told), "new");
  EXPECT_EQ(pid(), before);
  EXPECT_EQ(records_->running()[name_]["p"], digest_of(process));
}

TEST_F(Processes, WhoseTellerFailsAreAsTheyWereBefore) {
  auto process = shell("exec sleep 1000");
  process.folder = {scratch_->folder() / "own", {{"file", "old"}}, true, {"/bin/false"}};
  start(process);
  const auto before = digest_of(process);
  process.folder.files["file"] = "new";
  EXPECT_THROW(records_->reread(name_, "p", process), netns::CommandError);
  EXPECT_EQ(records_->running()[name_]["p"], before);
}

TEST_F(Processes, HaveAHostNameOfTheirOwn) {
  const auto before = test::run({"uname", "-n"}).output;
  EXPECT_EQ(seen("uname -n", {"vm-with-a-name", {}, {}}), "vm-with-a-name\nend\n");
  EXPECT_EQ(test::run({"uname", "-n"}).output, before);
}

TEST_F(Processes, SeeTheFilesThatAreMounted) {
  const auto file = scratch_->folder() / "hosts";
  std::ofstream{file} << "10.0.0.4 vm1\n";
  EXPECT_EQ(seen("cat /etc/hosts", {"machine", {{"/etc/hosts", file.string()}}, {}}), "10.0.0.4 vm1\nend\n");
  EXPECT_THAT(test::read_file("/etc/hosts"), testing::Not(HasSubstr("10.0.0.4 vm1")));
}

TEST_F(Processes, SeeAMountedFileAsItIsRewritten) {
  const auto file = scratch_->folder() / "hosts";
  std::ofstream{file} << "old\n";
  start({{"/bin/sh", "-c", "until grep -q new /etc/hosts; do sleep 0.01; done; echo rewritten; exec sleep 1000"},
         {"machine", {{"/etc/hosts", file.string()}}, {}}});
  std::ofstream{file, std::ios::trunc} << "new\n";
  EXPECT_TRUE(logged("rewritten"));
}

TEST_F(Processes, DoNotSeeAHiddenFolder) {
  const auto hidden = scratch_->folder() / "hidden";
  std::filesystem::create_directories(hidden);
  std::ofstream{hidden / "secret"};
  EXPECT_EQ(seen("ls " + hidden.string(), {"machine", {}, hidden.string()}), "end\n");
  EXPECT_TRUE(std::filesystem::exists(hidden / "secret"));
}

TEST_F(Processes, SeeTheLinksOfTheirNamespaceAlone) {
  ASSERT_EQ(test::run({"ip", "-n", name_, "link", "add", "br-seen", "type", "bridge"}).status, 0);
  const auto links = seen("ls /sys/class/net", {"machine", {}, {}});
  if (links.find("br-seen") == std::string::npos) GTEST_SKIP() << "this container mounts no sysfs";
  EXPECT_EQ(links, "br-seen\nlo\nend\n");
}

TEST_F(Processes, OfStrangersInTheNamespaceEndToo) {
  scratch_->make("b");
  const auto sleep_in = [&](const char* node, bool stubborn) {
    return [this, node, stubborn] {
      netns::enter_namespace(scratch_->name(node));
      if (stubborn) ::signal(SIGTERM, SIG_IGN);
      while (true) ::pause();
      return 0;
    };
  };
  test::Child meek{sleep_in("a", false)};
  test::Child stubborn{sleep_in("a", true)};
  test::Child elsewhere{sleep_in("b", false)};
  ASSERT_TRUE(test::eventually([&] { return test::processes_in(name_) == 2 && test::processes_in(scratch_->name("b")) == 1; }));
  netns::stop_all_in({name_});
  EXPECT_EQ(test::processes_in(name_), 0);
  EXPECT_EQ(test::processes_in(scratch_->name("b")), 1);
  EXPECT_EQ(WTERMSIG(meek.wait()), SIGTERM);
  EXPECT_EQ(WTERMSIG(stubborn.wait()), SIGKILL);
}
