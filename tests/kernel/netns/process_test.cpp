// SPDX-License-Identifier: Apache-2.0
#include "netns/process/process.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <fstream>
#include <optional>
#include <thread>

#include "netns/base/error.hpp"
#include "netns/base/subprocess.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/namespace/namespace.hpp"
#include "netns/process/ending.hpp"
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
    records_.emplace(scratch_->folder() / "records", LAZULI_SUPERVISOR);
  }

  static Process shell(const std::string& script) { return {{"/bin/sh", "-c", script}, {"machine", {}, {}}}; }

  void start(const Process& process) { records_->start(name_, "p", process); }
  std::filesystem::path record() const { return scratch_->folder() / "records" / (name_ + ".p"); }
  std::string log() const { return test::read_file(netns::log_beside(record())); }
  bool logged(const std::string& text) const {
    return test::eventually([&] { return log().find(text) != std::string::npos; });
  }
  pid_t pid() const { return netns::read_record(record()).value().program.pid; }
  pid_t supervisor() const { return netns::read_record(record()).value().supervisor.pid; }
  bool ends() const {
    return test::eventually([&] { return records_->end_of(name_, "p").has_value(); });
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

TEST_F(Processes, HoldNothingOpenButTheWayToTheirLog) {
  const netns::UniqueFd inherited{::dup(STDERR_FILENO)};  // which has no O_CLOEXEC
  // The shell looks at itself: seen from here, a program that is just starting also holds the libraries it loads.
  const auto open = seen("for file in /proc/$$/fd/*; do readlink $file; done | sort -u", {"machine", {}, {}});
  EXPECT_THAT(open, testing::MatchesRegex("/dev/null\npipe:.[0-9]+.\nend\n"));
}

TEST_F(Processes, EndWhenStopped) {
  start(shell("exec sleep 1000"));
  records_->stop(name_, "p");
  EXPECT_EQ(test::processes_in(name_), 0);
  EXPECT_THAT(records_->running(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(record()));
}

// `kill $(ip netns pids NODE)` tells the supervisor as well: it lets the program take its time, and writes down how it ended.
TEST_F(Processes, ThatSomebodyElseEndsAreAskedAndNotForced) {
  start(shell("trap 'sleep 1.5; echo bye; exit 7' TERM; sleep 1000 & echo ready; wait"));
  ASSERT_TRUE(logged("ready"));
  ASSERT_EQ(::kill(netns::read_record(record())->supervisor.pid, SIGTERM), 0);
  ASSERT_TRUE(test::eventually([&] { return !records_->failures().empty(); }));
  EXPECT_EQ(netns::describe_end(records_->failures().at(0).status.value()), "status 7");
  EXPECT_TRUE(logged("ready\nbye\n")) << log();
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
  ASSERT_TRUE(ends());
  EXPECT_THAT(records_->running(), IsEmpty()) << "it was to stay";
  EXPECT_THAT(records_->failures(), testing::ElementsAre(netns::EndedProcess{name_, "p", 0}));
  EXPECT_NO_THROW(records_->stop(name_, "p"));
  EXPECT_THAT(records_->failures(), IsEmpty());
}

TEST_F(Processes, ThatMayEndAreDoneWhenTheyEndWell) {
  auto process = shell("exit 0");
  process.lifetime = netns::Lifetime::MayEnd;
  start(process);
  ASSERT_TRUE(ends());
  EXPECT_EQ(records_->running()[name_]["p"], digest_of(process));
  EXPECT_THAT(records_->failures(), IsEmpty());
}

TEST_F(Processes, ThatMayEndHaveFailedWhenTheyEndOtherwise) {
  auto process = shell("echo first; echo last; exit 3");
  process.lifetime = netns::Lifetime::MayEnd;
  start(process);
  ASSERT_TRUE(ends());
  EXPECT_THAT(records_->running(), IsEmpty());
  EXPECT_EQ(records_->started()[name_]["p"], digest_of(process));
  const auto failures = records_->failures();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(netns::describe_end(failures[0].status.value()), "status 3");
  EXPECT_THAT(netns::last_lines(record(), 5), testing::ElementsAre("first", "last"));
  EXPECT_THAT(netns::last_lines(record(), 1), testing::ElementsAre("last"));
}

TEST_F(Processes, TellASignalFromAStatus) {
  start(shell("kill -KILL $$"));
  ASSERT_TRUE(ends());
  EXPECT_EQ(netns::describe_end(records_->failures().at(0).status.value()), "signal 9 (Killed)");
}

TEST_F(Processes, ThatRunFirstAreNotDoneBeforeTheyEnd) {
  auto process = shell("exec sleep 1000");
  process.lifetime = netns::Lifetime::RunsFirst;
  start(process);
  const auto found = records_->running()[name_]["p"];
  EXPECT_FALSE(found.empty()) << "it has to be stopped";
  EXPECT_NE(found, digest_of(process));
}

// Whoever looks while a supervisor writes its last word and goes must not hold its process for one that nobody saw end.
TEST_F(Processes, EndWellWheneverSomebodyLooks) {
  auto process = shell("exit 0");
  process.lifetime = netns::Lifetime::RunsFirst;
  for (int round = 0; round < 100; ++round) {
    start(process);
    std::optional<netns::EndedProcess> end;
    while (!end) {
      end = records_->end_of(name_, "p");
      ASSERT_THAT(records_->failures(), IsEmpty()) << "in round " << round;
    }
    ASSERT_EQ(end->status, 0) << "in round " << round;
  }
}

// `plan` and `status` hold no lock: they may look while a supervisor has not written its record yet, and must not take it for a lost one.
TEST_F(Processes, StartWhileOthersLook) {
  std::atomic<bool> done = false;
  std::vector<std::thread> onlookers;
  for (int i = 0; i < 2; ++i)
    onlookers.emplace_back([&] {
      while (!done) records_->running();
    });
  const auto process = shell("exec sleep 1000");
  for (int round = 0; round < 50; ++round) {
    EXPECT_NO_THROW(start(process)) << "in round " << round;
    EXPECT_EQ(records_->running()[name_]["p"], digest_of(process)) << "in round " << round;
  }
  done = true;
  for (auto& onlooker : onlookers) onlooker.join();
  EXPECT_EQ(test::processes_in(name_), 1);
}

// That a process cannot be looked at is no news of it: else it would be started again. A socket is a file that cannot be opened.
TEST_F(Processes, AreNotTakenForGoneWhenNobodyCanLook) {
  start(shell("exec sleep 1000"));
  const auto unreadable = (scratch_->folder() / "unreadable").string();
  ASSERT_EQ(::mknod(unreadable.c_str(), S_IFSOCK | 0600, 0), 0);
  const auto covered = "/proc/" + std::to_string(supervisor()) + "/stat";
  test::Child blind{[&] {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount(unreadable.c_str(), covered.c_str(), nullptr, MS_BIND, nullptr) != 0)
      return 2;
    try {
      records_->running();
      return 1;
    } catch (const netns::KernelError& error) {
      return error.code().value() == ENXIO ? 0 : 3;
    }
  }};
  EXPECT_EQ(WEXITSTATUS(blind.wait()), 0);
}

TEST_F(Processes, ThatCannotBeStartedLeaveNoFolder) {
  Process process{{"/no/such/program"}, {"machine", {}, {}}};
  process.folder.path = scratch_->folder() / "folder";
  process.folder.files = {{"secret", "of this machine"}};
  EXPECT_THROW(start(process), std::runtime_error);
  EXPECT_FALSE(std::filesystem::exists(process.folder.path));
}

TEST_F(Processes, EndWithWhatTheyPutIntoTheBackground) {
  auto process = shell("setsid -f sh -c 'echo ready; exec sleep 1000'; exit 0");
  process.lifetime = netns::Lifetime::MayEnd;
  start(process);
  ASSERT_TRUE(logged("ready"));
  ASSERT_TRUE(ends());
  EXPECT_EQ(test::processes_in(name_), 1);
  EXPECT_EQ(records_->inhabited(), std::set<std::string>{name_});
  start(process);
  ASSERT_TRUE(ends());
  EXPECT_EQ(test::processes_in(name_), 1) << "the one before has ended";
  records_->stop(name_, "p");
  EXPECT_EQ(test::processes_in(name_), 0);
}

TEST_F(Processes, WhoseNamespaceLostItsNameEndToo) {
  start(shell("setsid -f sleep 1000; exec sleep 1000"));
  const auto program = netns::find_process(pid()).value();
  netns::remove_namespace(name_);
  scratch_->make("a");
  EXPECT_NE(records_->running()[name_]["p"], digest_of(shell("setsid -f sleep 1000; exec sleep 1000")));
  const auto network = netns::network_of(program.pid);
  records_->stop(name_, "p");
  EXPECT_FALSE(netns::is_alive(program));
  for (const auto process : netns::list_processes()) EXPECT_FALSE(netns::network_of(process) == network && netns::find_process(process));
}

// What was done in a namespace of the past was not done in this one.
TEST_F(Processes, OfANamespaceOfThePastAreNotDone) {
  auto process = shell("true");
  process.lifetime = netns::Lifetime::MayEnd;
  start(process);
  ASSERT_TRUE(ends());
  ASSERT_TRUE(test::eventually([&] { return records_->inhabited().empty(); }));
  ASSERT_EQ(records_->running().count(name_), 1U);
  netns::remove_namespace(name_);
  scratch_->make("a");
  EXPECT_EQ(records_->running().count(name_), 0U);
}

TEST_F(Processes, GetTheirRecordBackWhenItIsLost) {
  const auto process = shell("exec sleep 1000");
  start(process);
  const auto before = netns::read_record(record());
  const auto is_healed = [&] { return records_->running()[name_]["p"] == digest_of(process) && netns::read_record(record()) == before; };
  std::ofstream{record(), std::ios::trunc};
  EXPECT_TRUE(is_healed());
  std::ofstream{record(), std::ios::trunc} << "nonsense\n";
  EXPECT_TRUE(is_healed());
  std::filesystem::remove_all(scratch_->folder() / "records");
  EXPECT_TRUE(is_healed());
  EXPECT_EQ(test::processes_in(name_), 1);
}

TEST_F(Processes, DieWithTheirSupervisorAndAreNotForgotten) {
  start(shell("setsid -f sleep 1000; exec sleep 1000"));
  const auto program = netns::find_process(pid()).value();
  ::kill(supervisor(), SIGKILL);
  EXPECT_TRUE(test::eventually([&] { return !netns::is_alive(program); }));
  EXPECT_THAT(records_->failures(), testing::ElementsAre(netns::EndedProcess{name_, "p", std::nullopt}));
}

TEST_F(Processes, KeepALogOfBoundedSize) {
  start(shell("yes | head -c 20000000; echo end; exec sleep 1000"));
  ASSERT_TRUE(logged("end\n"));
  const auto size = std::filesystem::file_size(netns::log_beside(record())) + std::filesystem::file_size(netns::old_log_beside(record()));
  EXPECT_LE(size, std::size_t{1200} * 1024);
  EXPECT_GE(size, std::size_t{500} * 1024);
}

TEST_F(Processes, HaveASmallEnvironmentOfTheirOwn) {
  ::setenv("A_SECRET", "of the caller's", 1);
  auto process = shell("env | sort; echo end; exec sleep 1000");
  process.environment = {{"GIVEN", "a b"}};
  start(process);
  ::unsetenv("A_SECRET");
  ASSERT_TRUE(logged("end\n")) << log();
  EXPECT_EQ(log(), "GIVEN=a b\nHOME=/root\nLANG=C.UTF-8\nLAZULI_LAB=" + name_.substr(0, name_.find('.')) +
                       "\nLAZULI_NODE=a\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nPWD=/\nend\n");
}

TEST_F(Processes, RunAsTheUserThatIsNamed) {
  for (const std::string user : {"nobody", "65534"}) {
    auto process = shell("id -u; echo $HOME; pwd; echo end; exec sleep 1000");
    process.user = user;
    process.directory = "/usr";
    start(process);
    ASSERT_TRUE(logged("end\n")) << log();
    EXPECT_EQ(log(), "65534\n/nonexistent\n/usr\nend\n");
  }
  auto process = shell("true");
  process.user = "no-such-user";
  EXPECT_THROW(start(process), std::runtime_error);
}

TEST_F(Processes, TakeNeitherMaskNorIgnoredSignalsNorLimitsFromTheirStarter) {
  const auto mask = ::umask(0);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGHUP, SIG_IGN);
  const auto found = seen("umask; ulimit -n; grep SigIgn /proc/$$/status", {"machine", {}, {}});
  ::umask(mask);
  ::signal(SIGPIPE, SIG_DFL);
  ::signal(SIGHUP, SIG_DFL);
  EXPECT_EQ(found, "0022\n1024\nSigIgn:\t0000000000000000\nend\n");
}

TEST_F(Processes, AreKnownByTheirMarksWhereverTheyAre) {
  test::Child strayed{[&] {
    ::unshare(CLONE_NEWNET);
    ::execle("/bin/sleep", "sleep", "1000", nullptr, std::array<const char*, 3>{"LAZULI_LAB=stray", "LAZULI_NODE=vm1", nullptr}.data());
    return 1;
  }};
  test::Child at_home{[&] {
    ::execle("/bin/sleep", "sleep", "1000", nullptr, std::array<const char*, 3>{"LAZULI_LAB=stray", "LAZULI_NODE=vm1", nullptr}.data());
    return 1;
  }};
  const auto has_begun = [](const test::Child& child) {
    const auto words = netns::arguments_of(child.pid());
    return !words.empty() && words[0] == "sleep";
  };
  ASSERT_TRUE(test::eventually([&] { return has_begun(strayed) && has_begun(at_home); }));
  netns::stop_all_marked(std::vector<std::string>{"stray.vm2", "other.vm1"});
  EXPECT_TRUE(netns::find_process(strayed.pid()));
  netns::stop_all_marked(std::vector<std::string>{"stray.vm1"});
  EXPECT_FALSE(netns::find_process(strayed.pid()));
  EXPECT_TRUE(netns::find_process(at_home.pid())) << "a shell of the host in which somebody named the lab";
}

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
  auto other = netns::read_record(record()).value();
  netns::ProcessRecords elsewhere{scratch_->folder() / "elsewhere", LAZULI_SUPERVISOR};
  other.program.started = "12345";
  other.supervisor.started = "12345";
  netns::write(elsewhere.record_of(name_, "p"), other);
  EXPECT_THAT(elsewhere.running(), IsEmpty());
  elsewhere.stop(name_, "p");
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

// As /etc/resolv.conf is, where systemd-resolved is asked through a socket that lies beside it.
TEST_F(Processes, SeeAMountedFileInAHiddenFolder) {
  const auto hidden = scratch_->folder() / "resolve";
  std::filesystem::create_directories(hidden);
  std::ofstream{hidden / "file"} << "the host's\n";
  std::ofstream{hidden / "socket"};
  const auto file = scratch_->folder() / "mine";
  std::ofstream{file} << "mine\n";
  EXPECT_EQ(seen("cd " + hidden.string() + "; ls; cat file; touch x 2>&1 | grep -o Read-only",
                 {"machine", {{(hidden / "file").string(), file.string()}}, {hidden.string()}}),
            "file\nmine\nRead-only\nend\n");
  EXPECT_EQ(test::read_file(hidden / "file"), "the host's\n");
}

TEST_F(Processes, CannotWriteAMountedFile) {
  const auto file = scratch_->folder() / "hosts";
  std::ofstream{file} << "10.0.0.4 vm1\n";
  EXPECT_THAT(seen("echo x >>/etc/hosts; cat /etc/hosts", {"machine", {{"/etc/hosts", file.string()}}, {}}),
              testing::AllOf(HasSubstr("Read-only file system"), testing::EndsWith("10.0.0.4 vm1\nend\n")));
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
  EXPECT_EQ(seen("ls " + hidden.string(), {"machine", {}, {hidden.string(), "/no/such/folder"}}), "end\n");
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
