// SPDX-License-Identifier: Apache-2.0
// netns/sandbox/keeper.cpp — the first process of a sandbox: arranges what is seen there, and waits for all that nobody else waits for.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <exception>
#include <stdexcept>
#include <string>

#include "netns/base/error.hpp"
#include "netns/base/files.hpp"
#include "netns/base/scope_exit.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/namespace/namespace.hpp"
#include "netns/process/process_table.hpp"
#include "netns/process/record.hpp"
#include "netns/process/rights.hpp"
#include "netns/process/surroundings.hpp"
#include "netns/sandbox/sandbox.hpp"
#include "netns/sandbox/system_calls.hpp"

namespace netns {
namespace {

constexpr int kLook = 10;  // milliseconds between looks at who is still there

/// Stays until it is told from outside to end, and then until everybody else has: the kernel ends them when the first process does.
void stay() {
  sigset_t told{};
  sigemptyset(&told);
  for (const int signal : {SIGCHLD, SIGTERM}) sigaddset(&told, signal);
  ::sigprocmask(SIG_SETMASK, &told, nullptr);
  const UniqueFd signals{::signalfd(-1, &told, SFD_CLOEXEC | SFD_NONBLOCK)};
  require_that(static_cast<bool>(signals), "open a signal descriptor");
  bool ending = false;
  while (!ending || list_processes().size() > 1) {
    pollfd event{signals.get(), POLLIN, 0};
    ::poll(&event, 1, ending ? kLook : -1);
    signalfd_siginfo signal{};
    while (::read(signals.get(), &signal, sizeof signal) == sizeof signal)
      if (signal.ssi_signo == SIGTERM && signal.ssi_pid == 0) ending = true;  // whoever is outside has no number here
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
}

/// In the keeper. Never comes back.
[[noreturn]] void become_keeper(const Assignment& assignment, UniqueFd words) {
  try {
    ::setsid();
    require_that(::chdir("/") == 0, "go to /");  // its maker's folder would be seen below everything that is mounted
    surround(assignment.process.surroundings, assignment.process.directory);
    hide_from_the_sandbox();
    refuse_ways_out();
    keep_rights_in_sandbox();
    write_whole(words, "!", "a pipe");
    words = UniqueFd{};
    const UniqueFd null{::open("/dev/null", O_RDWR | O_CLOEXEC)};
    require_that(static_cast<bool>(null), "open /dev/null");
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null.get(), standard);
    stay();
    ::_exit(0);
  } catch (const std::exception& error) {
    if (words) write_whole(words, error.what(), "a pipe");
  }
  ::_exit(1);
}

std::string read_to_end(const UniqueFd& file) {
  std::string text;
  std::array<char, 512> part{};
  ssize_t size = 0;
  while ((size = ::read(file.get(), part.data(), part.size())) > 0 || (size < 0 && errno == EINTR))
    if (size > 0) text.append(part.data(), static_cast<std::size_t>(size));
  return text;
}

}  // namespace

void make_sandbox(const std::string& text, const std::filesystem::path& record) {
  const auto assignment = assignment_from(text);
  enter_namespace(assignment.name_space);
  require_that(::unshare(CLONE_NEWPID | CLONE_NEWIPC) == 0, "make a process namespace");
  std::array<int, 2> ends{};
  require_that(::pipe2(ends.data(), O_CLOEXEC) == 0, "make a pipe");
  const UniqueFd words{ends[0]};
  UniqueFd words_end{ends[1]};
  const auto keeper = ::fork();
  require_that(keeper >= 0, "fork");
  if (keeper == 0) become_keeper(assignment, std::move(words_end));
  words_end = UniqueFd{};
  ScopeExit end_keeper{[&] { ::kill(keeper, SIGKILL); }};
  if (const auto said = read_to_end(words); said != "!")
    throw std::runtime_error(said.empty() ? "the first process of a sandbox was ended" : said);
  const auto process = find_process(keeper);
  if (!process) throw std::runtime_error("the first process of a sandbox has ended");
  const UniqueFd file{::open(record.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC)};
  require_that(static_cast<bool>(file), "open " + record.string());
  write_whole(file, std::to_string(process->pid) + ' ' + process->started + '\n', record);
  end_keeper.release();
}

}  // namespace netns
