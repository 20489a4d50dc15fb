// SPDX-License-Identifier: Apache-2.0
#include "netns/process/stand_in.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>

#include "netns/base/error.hpp"
#include "netns/base/unique_fd.hpp"

namespace netns {
namespace {

constexpr std::array kPassedOn{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH};

pid_t behind = 0;  // for a handler of signals

void pass_on(int signal, siginfo_t* information, void* /*context*/) {
  if (information->si_code != SI_KERNEL) ::kill(behind, signal);  // a terminal's, which the child has got itself
}

/// The caller's, which a shell behind may have left to one of its own.
class Terminal {
 public:
  Terminal() : file_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)), was_ours_(file_ && ::tcgetpgrp(file_.get()) == ::getpgrp()) {
    const UniqueFd null{::open("/dev/null", O_RDWR | O_CLOEXEC)};  // who reads what is said waits for nobody but the child
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null.get(), standard);
  }
  void take_back() const {
    if (!was_ours_) return;
    ::signal(SIGTTOU, SIG_IGN);
    ::tcsetpgrp(file_.get(), ::getpgrp());
  }

 private:
  UniqueFd file_;
  bool was_ours_;
};

/// A terminal stops both, and whoever has both go on reaches one first.
bool stays_stopped(pid_t child) {
  constexpr timespec kMoment{0, 20'000'000};
  ::nanosleep(&kMoment, nullptr);
  siginfo_t seen{};
  return ::waitid(P_PID, static_cast<id_t>(child), &seen, WSTOPPED | WNOHANG) == 0 && seen.si_pid == child;
}

[[noreturn]] void end_like(int status) {
  if (WIFSIGNALED(status)) {
    const rlimit nothing{0, 0};
    ::setrlimit(RLIMIT_CORE, &nothing);  // it has left its own
    ::signal(WTERMSIG(status), SIG_DFL);
    sigset_t unblocked{};
    sigemptyset(&unblocked);
    sigaddset(&unblocked, WTERMSIG(status));
    ::sigprocmask(SIG_UNBLOCK, &unblocked, nullptr);
    ::raise(WTERMSIG(status));
  }
  constexpr int kByASignal = 128;
  ::_exit(WIFSIGNALED(status) ? kByASignal + WTERMSIG(status) : WEXITSTATUS(status));
}

}  // namespace

pid_t fork_before_signals() {
  sigset_t all{};
  sigset_t before{};
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  const auto child = ::fork();
  if (child == 0) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (child > 0) {
    behind = child;
    struct sigaction action {};
    action.sa_sigaction = pass_on;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    for (const int signal : kPassedOn) ::sigaction(signal, &action, nullptr);
  }
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  require_that(child >= 0, "fork");
  return child;
}

int stand_before(pid_t child) {
  const Terminal terminal;
  for (siginfo_t seen{};
       ::waitid(P_PID, static_cast<id_t>(child), &seen, WEXITED | WSTOPPED | WNOWAIT) != 0 || seen.si_code == CLD_STOPPED;)
    if (seen.si_code == CLD_STOPPED && stays_stopped(child)) {
      ::raise(SIGSTOP);  // whoever has us go on has it go on as well
      ::kill(child, SIGCONT);
    }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  terminal.take_back();
  return status;
}

void go_on_as_child() {
  if (const auto child = fork_before_signals(); child != 0) end_like(stand_before(child));
}

}  // namespace netns
