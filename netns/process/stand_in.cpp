// SPDX-License-Identifier: Apache-2.0
#include "netns/process/stand_in.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "netns/base/error.hpp"

namespace netns {
namespace {

constexpr std::array kPassedOn{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH};

pid_t behind = 0;  // for a handler of signals

void pass_on(int signal, siginfo_t* information, void* /*context*/) {
  if (information->si_code != SI_KERNEL) ::kill(behind, signal);  // a terminal's, which the child has got itself
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

int stand_before(pid_t child) {
  behind = child;
  struct sigaction action {};
  action.sa_sigaction = pass_on;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  for (const int signal : kPassedOn) ::sigaction(signal, &action, nullptr);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

void go_on_as_child() {
  const auto child = ::fork();
  require_that(child >= 0, "fork");
  if (child != 0) end_like(stand_before(child));
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
}

}  // namespace netns
