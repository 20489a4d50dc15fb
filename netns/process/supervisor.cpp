// SPDX-License-Identifier: Apache-2.0
// netns/process/supervisor.cpp — `lazuli-supervisor RECORD`: starts one process of a namespace, and knows what becomes of it.
//
// Theory of operation. The supervisor reads its assignment from standard input and makes itself a process of the namespace, and the
// reaper of all that comes after it (PR_SET_CHILD_SUBREAPER): a program that puts itself into the background stays its child. What
// it must know of its process is in the record; that is written before the process becomes its program and again when it ends, by
// rename. So whether a program that ends at once is noticed does not depend on who looks when.
//
// Standard output goes to whoever starts it: nothing, and its end, says that the program runs; words say why it does not.
// In a sandbox it is a process of that, but sees the host's files: so the numbers in the record are the host's, and those that wait(2) and
// fork(2) give are not.
//
// SIGTERM ends everything below it, within a limit, when the process is marked as ending; anybody else's is passed on to all below it,
// SIGHUP to the program; SIGUSR1 has the record written again. It stays until nobody is left whom it could reap.
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "netns/base/error.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/namespace/namespace.hpp"
#include "netns/process/process_table.hpp"
#include "netns/process/record.hpp"
#include "netns/process/surroundings.hpp"
#include "netns/rootless/rootless.hpp"
#include "netns/sandbox/sandbox.hpp"

namespace {

using namespace std::chrono_literals;
using netns::require_that;
using netns::UniqueFd;
using Clock = std::chrono::steady_clock;

constexpr auto kPatience = 1s;          // between SIGTERM and SIGKILL
constexpr auto kLook = 10ms;            // between looks at what has still to end
constexpr auto kWriteAgain = 1s;        // between tries to write a record that could not be written
constexpr off_t kLogPart = 512 * 1024;  // bytes; the log is at most two such parts
constexpr auto kLogTurn = 100ms;        // in each of these a log takes no more than this: who says more has to wait
constexpr std::size_t kLogTurnSize = 1024 * 1024;

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> part{};
  ssize_t size = 0;
  while ((size = ::read(descriptor, part.data(), part.size())) > 0 || (size < 0 && errno == EINTR))
    if (size > 0) text.append(part.data(), static_cast<std::size_t>(size));
  return text;
}

void say(int descriptor, const std::string& words) {
  [[maybe_unused]] const auto written = ::write(descriptor, words.data(), words.size());
}

std::pair<UniqueFd, UniqueFd> make_pipe() {
  std::array<int, 2> ends{};
  require_that(::pipe2(ends.data(), O_CLOEXEC) == 0, "make a pipe");
  return {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set{};
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

/// Nothing of whoever started it is handed on: not what it ignores, its mask, its limits, its priority.
void forget_the_starter() {
  // The C library keeps two signals from us; an ignored one is handed on like the others.
  const std::array<unsigned long, 16> by_default{};
  for (int signal = 1; signal < NSIG; ++signal) ::syscall(SYS_rt_sigaction, signal, by_default.data(), nullptr, NSIG / 8);
  ::umask(022);
  constexpr rlim_t kOpenFiles = 1024;
  constexpr rlim_t kMostOpenFiles = 524288;
  constexpr rlim_t kStack = 8 * 1024 * 1024;
  const auto limit = [](auto resource, rlim_t soft, rlim_t hard) {
    const rlimit wanted{soft, hard};
    if (::setrlimit(resource, &wanted) == 0) return;
    rlimit given{};  // then as far as this machine lets us
    ::getrlimit(resource, &given);
    given.rlim_cur = std::min(soft, given.rlim_max);
    ::setrlimit(resource, &given);
  };
  limit(RLIMIT_NOFILE, kOpenFiles, kMostOpenFiles);
  limit(RLIMIT_STACK, kStack, RLIM_INFINITY);
  limit(RLIMIT_CORE, 0, RLIM_INFINITY);
  for (const auto resource : {RLIMIT_AS, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_NPROC})
    limit(resource, RLIM_INFINITY, RLIM_INFINITY);
}

/// The log: what was said last, in two parts of bounded size.
class Log {
 public:
  explicit Log(std::filesystem::path record) : record_(std::move(record)) { open(); }

  /// When it takes more; nothing: now.
  std::optional<Clock::time_point> rests_until() const {
    return taken_ >= kLogTurnSize && Clock::now() < turn_ends_ ? std::optional(turn_ends_) : std::nullopt;
  }

  /// Takes what there is to read, but no more than a pipe holds: there is more to do than to listen. @return false at its end
  bool take_from(int descriptor) {
    if (Clock::now() >= turn_ends_) {
      turn_ends_ = Clock::now() + kLogTurn;
      taken_ = 0;
    }
    std::array<char, 65536> part{};
    for (int reads = 0; reads < 2; ++reads) {
      const auto size = ::read(descriptor, part.data(), part.size());
      if (size == 0) return false;
      if (size < 0) return errno == EAGAIN || errno == EINTR;
      taken_ += static_cast<std::size_t>(size);
      write({part.data(), static_cast<std::size_t>(size)});
    }
    return true;
  }

 private:
  void open() {
    file_ = UniqueFd{::open(netns::log_beside(record_).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
    struct stat status {};
    size_ = file_ && ::fstat(file_.get(), &status) == 0 ? status.st_size : 0;
  }

  /// What cannot be written is lost.
  void write(std::string_view text) {
    if (size_ > kLogPart) {
      ::rename(netns::log_beside(record_).c_str(), netns::old_log_beside(record_).c_str());
      open();
    }
    const auto written = ::write(file_.get(), text.data(), text.size());
    if (written > 0) size_ += written;
  }

  std::filesystem::path record_;
  UniqueFd file_;
  off_t size_ = 0;
  std::size_t taken_ = 0;  ///< in this turn
  Clock::time_point turn_ends_;
};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> found;
  for (auto& word : words) found.push_back(word.data());
  found.push_back(nullptr);
  return found;
}

std::vector<std::string> environment_for(const netns::Assignment& assignment) {
  std::map<std::string, std::string> all = assignment.process.environment;
  all.merge(std::map<std::string, std::string>{
      {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, {"HOME", assignment.account.home}, {"LANG", "C.UTF-8"}});
  for (const auto& [name, value] : netns::marks_of(assignment.name_space)) all[name] = value;
  std::vector<std::string> words;
  for (const auto& [name, value] : all) words.push_back(name + '=' + value);
  return words;
}

void become_user(const netns::Account& account) {
  if (::setgroups(account.groups.size(), account.groups.data()) == 0 && ::setgid(account.group) == 0 && ::setuid(account.user) == 0) return;
  const int error = errno;
  auto what = "become user " + std::to_string(account.user);
  if (netns::user_outside() != 0)
    what += ", for which an ordinary user needs a range in /etc/subuid and /etc/subgid and the package uidmap";
  throw netns::KernelError(error, what);
}

/// In the child. Waits for `go`, so that its record is there before it is anybody.
void become(netns::Assignment& assignment, const UniqueFd& sandbox, int output, int go) {
  auto& process = assignment.process;
  ::setsid();
  if (sandbox)
    netns::confine(sandbox);
  else
    netns::surround(process.surroundings);
  const auto& directory = process.directory.empty() ? "/" : process.directory;
  require_that(::chdir(directory.c_str()) == 0, "work in " + directory);
  require_that(::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(output, STDERR_FILENO) >= 0, "redirect");
  if (assignment.account.user != 0) become_user(assignment.account);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  auto environment = environment_for(assignment);
  const auto variables = pointers(environment);
  const auto arguments = pointers(process.arguments);
  if (read_all(go).empty()) ::_exit(1);  // its supervisor is gone
  const auto blocked = process.folder.reread ? set_of({SIGHUP}) : set_of({});
  ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
  ::execve(arguments[0], arguments.data(), variables.data());
  require_that(false, "run " + process.arguments[0]);
}

class Supervisor {
 public:
  Supervisor(std::filesystem::path record, netns::Assignment assignment) : path_(std::move(record)), assignment_(std::move(assignment)) {
    auto told = set_of({SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1});
    ::sigprocmask(SIG_SETMASK, &told, nullptr);
    signals_ = UniqueFd{::signalfd(-1, &told, SFD_CLOEXEC | SFD_NONBLOCK)};
    require_that(static_cast<bool>(signals_), "open a signal descriptor");
    require_that(::setns(netns::open_namespace(assignment_.name_space).get(), CLONE_NEWNET) == 0,
                 "enter network namespace " + assignment_.name_space);
  }

  /// Goes on in a process of the sandbox, if the process is to be in one. @param program  this one
  void enter_sandbox(const char* program) {
    const auto& process = assignment_.process;
    if (!process.surroundings.confined) return;
    const netns::SandboxPlace place{assignment_.name_space, netns::sandbox_beside(path_.parent_path(), assignment_.name_space), program};
    sandbox_ = netns::sandbox_of(place, process.surroundings, process.directory);
    netns::adopt_children(sandbox_);
    const auto child = ::fork();
    require_that(child >= 0, "fork");
    if (child != 0) ::_exit(0);
  }

  /// @throws std::exception saying why the program does not run; then nothing is left
  void start() {
    own_number_ = netns::own_number();
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    auto [output, output_end] = make_pipe();
    auto [words, words_end] = make_pipe();
    auto [go, go_end] = make_pipe();
    program_ = ::fork();
    require_that(program_ >= 0, "fork");
    if (program_ == 0) {
      go_end = UniqueFd{};
      std::string why;
      try {
        become(assignment_, sandbox_, output_end.get(), go.get());
      } catch (const std::exception& failed) {
        why = failed.what();
      }
      say(words_end.get(), why);
      ::_exit(1);
    }
    output_ = std::move(output);
    ::fcntl(output_.get(), F_SETFL, O_NONBLOCK);
    record_.supervisor = netns::find_process(own_number_).value_or(netns::ProcessId{});
    const auto children = netns::descendants_of(own_number_);
    record_.program = children.empty() ? netns::ProcessId{program_, "0"} : *children.begin();
    record_.network = netns::network_cookie();
    record_.digest = assignment_.digest;
    record_.folder = assignment_.process.folder.path;
    record_.lifetime = assignment_.process.lifetime;
    record_.since = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    netns::write(path_, record_);
    output_end = UniqueFd{};
    words_end = UniqueFd{};
    say(go_end.get(), "go");
    go_end = UniqueFd{};
    const auto why = read_all(words.get());
    if (why.empty()) return;
    std::filesystem::remove(path_);
    throw std::runtime_error(why);
  }

  void stay() {
    Log log{path_};
    while (true) {
      std::array<pollfd, 2> events{{{signals_.get(), POLLIN, 0}, {output_.get(), POLLIN, 0}}};
      const bool listens = output_ && !log.rests_until();
      ::poll(events.data(), listens ? 2 : 1, patience(log));
      if (listens && events[1].revents != 0 && !log.take_from(output_.get())) output_ = UniqueFd{};
      take_signals();
      const bool children = reap(log);
      if (unwritten_) write();
      if (!children && !unwritten_) {
        if (output_) log.take_from(output_.get());
        return;
      }
      if (ending_) end_all();
    }
  }

 private:
  /// In milliseconds; -1: none.
  int patience(const Log& log) const {
    const auto in_milliseconds = [](Clock::duration time) {
      return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(time).count());
    };
    if (ending_) return in_milliseconds(kLook);
    if (const auto until = log.rests_until()) return std::max(0, in_milliseconds(*until - Clock::now()));
    return unwritten_ ? in_milliseconds(kWriteAgain) : -1;
  }

  void take_signals() {
    signalfd_siginfo told{};
    while (::read(signals_.get(), &told, sizeof told) == sizeof told) {
      switch (static_cast<int>(told.ssi_signo)) {
        case SIGHUP:
          if (!record_.status) ::kill(program_, SIGHUP);
          break;
        case SIGUSR1: unwritten_ = true; break;
        case SIGTERM:
        case SIGINT:
          if (!std::filesystem::exists(netns::ending_beside(path_))) {
            for (const auto& process : netns::descendants_of(own_number_)) netns::send_signal(process, SIGTERM);
            break;
          }
          if (!ending_) kill_at_ = Clock::now() + kPatience;
          ending_ = true;
          break;
        default: break;
      }
    }
  }

  /// @return whether there is anybody left
  bool reap(Log& log) {
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(-1, &status, WNOHANG)) > 0) {
      if (ended != program_) continue;
      if (output_ && !log.take_from(output_.get())) output_ = UniqueFd{};  // its last words come before its status
      record_.status = status;
      unwritten_ = true;
    }
    return ended == 0;
  }

  void write() {
    try {
      if (!ending_) netns::write(path_, record_);  // who was told to end has nobody to tell
      unwritten_ = false;
    } catch (const std::exception&) {  // the next time, then
    }
  }

  /// Each is told once, until patience ends.
  void end_all() {
    const bool at_once = Clock::now() > kill_at_;
    for (const auto& process : netns::descendants_of(own_number_))
      if (at_once || told_.insert(process).second) netns::send_signal(process, at_once ? SIGKILL : SIGTERM);
  }

  std::filesystem::path path_;
  netns::Assignment assignment_;
  netns::Record record_;
  UniqueFd signals_;
  UniqueFd output_;
  UniqueFd sandbox_;      ///< its keeper's, if the process is in one
  pid_t own_number_ = 0;  ///< in /proc
  pid_t program_ = 0;     ///< as wait(2) knows it
  bool unwritten_ = false;
  bool ending_ = false;
  Clock::time_point kill_at_;
  std::set<netns::ProcessId> told_;
};

/// What is left open of the starter's would be held open as long as the program lives.
void keep_only_standard_files() { ::close_range(STDERR_FILENO + 1, ~0U, 0); }

/// @param arguments  this program, and the record of a process
void supervise(char** arguments) {
  auto assignment = netns::assignment_from(read_all(STDIN_FILENO));
  if (assignment.process.surroundings.confined) {
    require_that(::lseek(STDIN_FILENO, 0, SEEK_SET) == 0, "read an assignment again");
    netns::go_on_unwritable(arguments);
  }
  const UniqueFd null{::open("/dev/null", O_RDWR | O_CLOEXEC)};
  require_that(null && ::dup2(null.get(), STDIN_FILENO) >= 0 && ::dup2(null.get(), STDERR_FILENO) >= 0 && ::chdir("/") == 0,
               "open /dev/null");
  Supervisor supervisor{arguments[1], std::move(assignment)};
  supervisor.enter_sandbox(arguments[0]);
  supervisor.start();
  ::dup2(null.get(), STDOUT_FILENO);  // the starter hears that the program runs
  supervisor.stay();
}

}  // namespace

int main(int argc, char** argv) {
  const auto does = [&](const char* what, int words) { return argc >= words && argv[1] == std::string_view(what); };
  if (does(netns::kVisitOption, 5)) return netns::visit_sandbox(argv);
  const bool makes_sandbox = does(netns::kKeeperOption, 3);
  if (argc != 2 && !makes_sandbox) {
    std::fputs("lazuli-supervisor is started by `lazuli up`; it is not for people\n", stderr);
    return 2;
  }
  try {
    keep_only_standard_files();
    ::setsid();
    forget_the_starter();
    if (makes_sandbox) {
      netns::go_on_unwritable(argv);
      netns::make_sandbox(read_all(STDIN_FILENO), argv[2]);
    } else {
      supervise(argv);
    }
    return 0;
  } catch (const std::exception& error) {
    say(STDOUT_FILENO, error.what());
    return 1;
  }
}
