// SPDX-License-Identifier: Apache-2.0
// tests/faults/at_syscall.cpp — runs a command and, at its N-th system call, kills it or has the kernel refuse that call.
//
// Theory of operation. The command is traced (ptrace(2)) with all of its threads and all children that it forks, from its first
// instruction on. Calls are counted in the order in which their threads stop at them. A child is let go for good when it runs another
// program: what a lab's own programs do is not the command's business. So a daemon counts with its first moments, between fork and
// exec, where it still runs the command's code.
//
// Killed is the command with every child that is still traced, or the command alone (--alone): children go on then, as they do when
// somebody kills one process. A call at which something is killed has not begun.
//
// A refused call never reaches the kernel: its number is replaced by one that there is not, and its result by the error.
//
// The count varies by a few calls from run to run, because threads share the work in another order. Who wants all points goes through
// 1 to the count; a point behind the last call leaves the command alone, which the report says.
//
// Calls that only read cannot make a difference to what a kill leaves behind. `--only changing` counts those that can make one: between
// two of them every point is the same.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace {

constexpr const char* kUsage =
    "usage: at_syscall [--only CALL,...|changing] [--report FILE] --count -- COMMAND [ARGUMENT]...\n"
    "       at_syscall ... --kill-at N [--alone] -- COMMAND [ARGUMENT]...\n"
    "       at_syscall ... --refuse-at N ERROR -- COMMAND [ARGUMENT]...\n"
    "  --only     which calls count; all when left out\n"
    "  --report   where to write 'calls NUMBER' and, when one was struck, 'struck CALL [PATH]'\n"
    "  ERROR      EAGAIN, EINTR, EMFILE, ENOBUFS, ENOMEM or ENOSPC\n"
    "exit status: the command's, 128 + the signal that ended it, or 125 when this program failed\n";

constexpr int kOwnFailure = 125;

struct Kind {
  std::string_view name;
  std::uint64_t number;
  bool changes;      ///< something outside of the process
  int path_at = -1;  ///< which argument is a path
};

constexpr std::array kKinds{
    Kind{"bind", SYS_bind, true},
    Kind{"chdir", SYS_chdir, false, 0},
    Kind{"chmod", SYS_chmod, true, 0},
    Kind{"clone", SYS_clone, true},
    Kind{"clone3", SYS_clone3, true},
    Kind{"close_range", SYS_close_range, false},
    Kind{"connect", SYS_connect, true},
    Kind{"dup2", SYS_dup2, false},
    Kind{"epoll_create1", SYS_epoll_create1, false},
    Kind{"execve", SYS_execve, true, 0},
    Kind{"fchmod", SYS_fchmod, true},
    Kind{"fchmodat", SYS_fchmodat, true, 1},
    Kind{"flock", SYS_flock, true},
    Kind{"fork", SYS_fork, true},
    Kind{"fsync", SYS_fsync, false},
    Kind{"ftruncate", SYS_ftruncate, true},
    Kind{"inotify_init1", SYS_inotify_init1, false},
    Kind{"ioctl", SYS_ioctl, true},
    Kind{"kill", SYS_kill, true},
    Kind{"memfd_create", SYS_memfd_create, false},
    Kind{"mkdir", SYS_mkdir, true, 0},
    Kind{"mkdirat", SYS_mkdirat, true, 1},
    Kind{"mmap", SYS_mmap, false},
    Kind{"mount", SYS_mount, true, 1},
    Kind{"openat", SYS_openat, true, 1},  // where it creates or truncates
    Kind{"pidfd_open", SYS_pidfd_open, false},
    Kind{"pipe2", SYS_pipe2, false},
    Kind{"pwrite64", SYS_pwrite64, true},
    Kind{"read", SYS_read, false},
    Kind{"recvfrom", SYS_recvfrom, false},
    Kind{"recvmsg", SYS_recvmsg, false},
    Kind{"rename", SYS_rename, true, 1},
    Kind{"renameat2", SYS_renameat2, true, 3},
    Kind{"rmdir", SYS_rmdir, true, 0},
    Kind{"sendmsg", SYS_sendmsg, true},
    Kind{"sendmmsg", SYS_sendmmsg, true},
    Kind{"sendto", SYS_sendto, true},
    Kind{"sethostname", SYS_sethostname, true},
    Kind{"setns", SYS_setns, false},
    Kind{"setsockopt", SYS_setsockopt, false},
    Kind{"socket", SYS_socket, false},
    Kind{"socketpair", SYS_socketpair, false},
    Kind{"symlink", SYS_symlink, true, 1},
    Kind{"tgkill", SYS_tgkill, true},
    Kind{"umount2", SYS_umount2, true, 0},
    Kind{"unlink", SYS_unlink, true, 0},
    Kind{"unlinkat", SYS_unlinkat, true, 1},
    Kind{"unshare", SYS_unshare, true},
    Kind{"vfork", SYS_vfork, true},
    Kind{"write", SYS_write, true},
    Kind{"writev", SYS_writev, true},
};

const Kind* kind_of(std::uint64_t number) {
  const auto* found = std::ranges::find(kKinds, number, &Kind::number);
  return found == kKinds.end() ? nullptr : found;
}

constexpr std::array<std::pair<std::string_view, int>, 6> kErrors{
    {{"EAGAIN", EAGAIN}, {"EINTR", EINTR}, {"EMFILE", EMFILE}, {"ENOBUFS", ENOBUFS}, {"ENOMEM", ENOMEM}, {"ENOSPC", ENOSPC}}};

struct Task {
  enum class Fault { None, Kill, Refuse };
  Fault fault = Fault::None;
  long at = 0;
  int error = 0;
  bool alone = false;
  bool only_changing = false;
  std::set<std::uint64_t> only;  ///< empty: every call
  std::string report;
  std::vector<char*> command;
};

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void require(bool done, const char* what) {
  const int error = errno;
  if (!done) throw std::system_error(error, std::system_category(), what);
}

void read_only_calls(std::string_view list, Task& task) {
  task.only_changing = list == "changing";
  while (!task.only_changing && !list.empty()) {
    const auto name = list.substr(0, list.find(','));
    const auto* kind = std::ranges::find(kKinds, name, &Kind::name);
    if (kind == kKinds.end()) throw UsageError(fmt::format("no system call '{}' is known here", name));
    task.only.insert(kind->number);
    list.remove_prefix(std::min(list.size(), name.size() + 1));
  }
}

Task read_arguments(int argc, char** argv) {
  Task task;
  int i = 1;
  const auto next = [&]() -> std::string_view {
    if (++i >= argc) throw UsageError(fmt::format("{} wants a value", argv[i - 1]));
    return argv[i];
  };
  const auto number = [&] {
    const long value = std::atol(std::string(next()).c_str());
    if (value < 1) throw UsageError(fmt::format("'{}' is no number of a call", argv[i]));
    return value;
  };
  for (; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--") {
      task.command.assign(argv + i + 1, argv + argc);
      break;
    }
    if (word == "--count") {
      task.fault = Task::Fault::None;
    } else if (word == "--only") {
      read_only_calls(next(), task);
    } else if (word == "--report") {
      task.report = next();
    } else if (word == "--alone") {
      task.alone = true;
    } else if (word == "--kill-at") {
      task.fault = Task::Fault::Kill;
      task.at = number();
    } else if (word == "--refuse-at") {
      task.fault = Task::Fault::Refuse;
      task.at = number();
      const auto name = next();
      const auto* error = std::ranges::find(kErrors, name, &std::pair<std::string_view, int>::first);
      if (error == kErrors.end()) throw UsageError(fmt::format("no error '{}' is known here", name));
      task.error = error->second;
    } else {
      throw UsageError(fmt::format("unknown word '{}'", word));
    }
  }
  if (task.command.empty()) throw UsageError("no command");
  task.command.push_back(nullptr);
  return task;
}

std::string text_at(pid_t thread, std::uint64_t address) {
  std::array<char, 128> text{};
  iovec here{text.data(), text.size() - 1};
  // As much as can be read: the page may end behind the text.
  while (here.iov_len > 0) {
    iovec there{reinterpret_cast<void*>(address), here.iov_len};
    if (::process_vm_readv(thread, &here, 1, &there, 1, 0) >= 0) break;
    here.iov_len /= 2;
  }
  return text.data();
}

/// Where the registers of x86-64 hold a call's number and result.
void replace_call(pid_t thread) {
  user_regs_struct registers{};
  require(::ptrace(PTRACE_GETREGS, thread, nullptr, &registers) == 0, "read registers");
  registers.orig_rax = ~0ULL;
  require(::ptrace(PTRACE_SETREGS, thread, nullptr, &registers) == 0, "write registers");
}

void set_result(pid_t thread, long result) {
  user_regs_struct registers{};
  require(::ptrace(PTRACE_GETREGS, thread, nullptr, &registers) == 0, "read registers");
  registers.rax = static_cast<unsigned long long>(result);
  require(::ptrace(PTRACE_SETREGS, thread, nullptr, &registers) == 0, "write registers");
}

class Tracer {
 public:
  explicit Tracer(Task task) : task_(std::move(task)) {}

  /// @return the command's exit status, as a shell has it
  int run() {
    begin();
    int status = 0;
    while (!processes_.empty()) {
      const pid_t thread = ::waitpid(-1, &status, __WALL);
      if (thread < 0 && errno == EINTR) continue;
      if (thread < 0 && errno == ECHILD) break;
      require(thread > 0, "wait");
      if (WIFSTOPPED(status)) {
        stopped(thread, status);
      } else {
        processes_.erase(thread);
        if (thread == command_) status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      }
    }
    report();
    return status_;
  }

 private:
  void begin() {
    command_ = ::fork();
    require(command_ >= 0, "fork");
    if (command_ == 0) {
      ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
      ::raise(SIGSTOP);
      ::execvp(task_.command[0], task_.command.data());
      ::_exit(127);
    }
    int status = 0;
    require(::waitpid(command_, &status, __WALL) == command_ && WIFSTOPPED(status), "start the command");
    constexpr long kOptions =
        PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    require(::ptrace(PTRACE_SETOPTIONS, command_, nullptr, kOptions) == 0, "trace the command");
    processes_.emplace(command_, command_);
    go_on(command_, 0);
  }

  void stopped(pid_t thread, int status) {
    const int signal = WSTOPSIG(status);
    if (processes_.emplace(thread, process_of(thread)).second) return go_on(thread, 0);  // new, and stopped as such
    if (signal == (SIGTRAP | 0x80)) return at_call(thread);
    if (signal != SIGTRAP) return go_on(thread, signal);
    if (status >> 16 == PTRACE_EVENT_EXEC) {
      if (processes_[thread] != command_) {
        processes_.erase(thread);
        ::ptrace(PTRACE_DETACH, thread, nullptr, nullptr);
        return;
      }
      begun_ = true;
    }
    go_on(thread, status >> 16 == 0 ? signal : 0);
  }

  static pid_t process_of(pid_t thread) {
    std::ifstream file{fmt::format("/proc/{}/status", thread)};
    for (std::string word; file >> word;) {
      if (word != "Tgid:") continue;
      pid_t process = thread;
      file >> process;
      return process;
    }
    return thread;
  }

  void at_call(pid_t thread) {
    __ptrace_syscall_info info{};
    if (::ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) < 0) return go_on(thread, 0);  // killed just now
    if (thread == refused_ && info.op == PTRACE_SYSCALL_INFO_EXIT) {
      set_result(thread, -task_.error);
      refused_ = 0;
      done_ = true;
    }
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY && begun_ && !done_ && refused_ == 0 && counts(info) && ++calls_ == task_.at)
      strike(thread, info);
    go_on(thread, 0);
  }

  bool counts(const __ptrace_syscall_info& info) const {
    if (!task_.only_changing) return task_.only.empty() || task_.only.contains(info.entry.nr);
    const auto* kind = kind_of(info.entry.nr);
    if (kind == nullptr || !kind->changes) return false;
    return kind->number != SYS_openat || (info.entry.args[2] & (O_CREAT | O_TRUNC)) != 0;
  }

  void strike(pid_t thread, const __ptrace_syscall_info& info) {
    const auto* kind = kind_of(info.entry.nr);
    struck_ = kind != nullptr ? std::string(kind->name) : fmt::format("call {}", info.entry.nr);
    if (kind != nullptr && kind->path_at >= 0) struck_ += ' ' + text_at(thread, info.entry.args[kind->path_at]);
    if (processes_[thread] != command_) struck_ += " (in a child)";
    if (task_.fault == Task::Fault::Refuse) {
      replace_call(thread);
      refused_ = thread;
      return;
    }
    done_ = true;
    std::set<pid_t> ending;
    for (const auto& [one, process] : processes_) ending.insert(process);
    for (const auto process : ending)
      if (!task_.alone || process == command_) ::kill(process, SIGKILL);
  }

  /// Calls are of interest until the one that is struck.
  void go_on(pid_t thread, int signal) const { ::ptrace(done_ ? PTRACE_CONT : PTRACE_SYSCALL, thread, nullptr, static_cast<long>(signal)); }

  void report() const {
    if (task_.report.empty()) return;
    std::ofstream file{task_.report};
    file << "calls " << calls_ << '\n';
    if (!struck_.empty()) file << "struck " << struck_ << '\n';
    if (!file.flush()) throw std::runtime_error("cannot write " + task_.report);
  }

  Task task_;
  pid_t command_ = 0;
  std::map<pid_t, pid_t> processes_;  ///< of each traced thread
  bool begun_ = false;                ///< the command's own program runs
  bool done_ = false;
  pid_t refused_ = 0;  ///< the thread whose call is about to end with the error
  long calls_ = 0;
  std::string struck_;
  int status_ = kOwnFailure;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    return Tracer{read_arguments(argc, argv)}.run();
  } catch (const UsageError& wrong) {
    fmt::print(stderr, "at_syscall: {}\n{}", wrong.what(), kUsage);
  } catch (const std::exception& error) {
    fmt::print(stderr, "at_syscall: {}\n", error.what());
  }
  return kOwnFailure;
}
