// SPDX-License-Identifier: Apache-2.0
#include "netns/base/subprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "netns/base/error.hpp"
#include "netns/base/files.hpp"
#include "netns/base/scope_exit.hpp"
#include "netns/base/unique_fd.hpp"

namespace netns {
namespace {

std::string read_whole(const UniqueFd& file) {
  std::string all;
  std::array<char, 4096> part{};
  ssize_t size = 0;
  while ((size = ::read(file.get(), part.data(), part.size())) > 0 || (size < 0 && errno == EINTR))
    if (size > 0) all.append(part.data(), static_cast<std::size_t>(size));
  return all;
}

/// @throws KernelError for a descriptor that is none
UniqueFd owned(int fd, const char* operation) {
  if (fd >= 0) return UniqueFd{fd};
  const int error = errno;
  throw KernelError(error, operation);
}

/// A file in memory.
UniqueFd make_file() { return owned(::memfd_create("lazuli", MFD_CLOEXEC), "make a file in memory"); }

void go_to_start(const UniqueFd& file) { ::lseek(file.get(), 0, SEEK_SET); }

/// The end to read from, and the end to write to.
std::pair<UniqueFd, UniqueFd> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    const int error = errno;
    throw KernelError(error, "make a pipe");
  }
  return {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

pid_t spawn(const std::vector<std::string>& arguments, int input, int output, int errors) {
  posix_spawn_file_actions_t actions{};
  ::posix_spawn_file_actions_init(&actions);
  const ScopeExit release{[&] { ::posix_spawn_file_actions_destroy(&actions); }};
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  std::vector<char*> words;
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  pid_t child = -1;
  const int error = ::posix_spawnp(&child, words[0], &actions, nullptr, words.data(), environ);
  if (error != 0) throw KernelError(error, "run " + arguments[0]);
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// Reads what comes until the process ends, and what it has said by then: who else holds the other end is not waited for.
/// @return false when it has not ended within the limit
bool read_until_end(const UniqueFd& output, const UniqueFd& process, std::chrono::milliseconds limit, std::string& text) {
  ::fcntl(output.get(), F_SETFL, O_NONBLOCK);
  const auto end = std::chrono::steady_clock::now() + limit;
  bool open = true;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    std::array<pollfd, 2> events{{{process.get(), POLLIN, 0}, {output.get(), POLLIN, 0}}};
    ::poll(events.data(), open ? 2 : 1, static_cast<int>(left));
    std::array<char, 4096> part{};
    ssize_t size = -1;
    while (open && (size = ::read(output.get(), part.data(), part.size())) > 0) text.append(part.data(), static_cast<std::size_t>(size));
    open = open && size != 0;
    if (events[0].revents != 0) return true;
  }
}

}  // namespace

CommandError::CommandError(const std::vector<std::string>& arguments, int status, const std::string& output)
    : std::runtime_error(fmt::format("{}: status {}{}{}", fmt::join(arguments, " "), status, output.empty() ? "" : ": ", output)),
      status_(status) {}

std::string run_command(const std::vector<std::string>& arguments, std::chrono::milliseconds limit) {
  const auto nothing = owned(::open("/dev/null", O_RDONLY | O_CLOEXEC), "open /dev/null");
  auto [output, end] = make_pipe();
  const pid_t child = spawn(arguments, nothing.get(), end.get(), end.get());
  end = UniqueFd{};
  ScopeExit end_it{[&] {
    ::kill(child, SIGKILL);
    wait_for(child);
  }};
  const auto process = owned(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)), "open a handle of a process");
  std::string text;
  const bool ended = read_until_end(output, process, limit, text);
  end_it.release();
  if (!ended) ::kill(child, SIGKILL);
  const int status = wait_for(child);
  if (!ended) throw CommandError(arguments, status, fmt::format("it was ended after {} s\n{}", limit.count() / 1000, text));
  if (status != 0) throw CommandError(arguments, status, text);
  return text;
}

std::string filter(const std::vector<std::string>& arguments, std::string_view input) {
  // Files, not pipes: nobody has to read one while the other fills up.
  const auto in = make_file();
  write_whole(in, input, "a file in memory");
  go_to_start(in);
  const auto errors = make_file();
  auto [output, end] = make_pipe();
  const pid_t child = spawn(arguments, in.get(), end.get(), errors.get());
  end = UniqueFd{};
  auto text = read_whole(output);
  if (const int status = wait_for(child); status != 0) {
    go_to_start(errors);
    throw CommandError(arguments, status, read_whole(errors));
  }
  return text;
}

}  // namespace netns
