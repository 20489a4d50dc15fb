// SPDX-License-Identifier: Apache-2.0
#include "netns/base/subprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "netns/base/error.hpp"
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

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

CommandError::CommandError(const std::vector<std::string>& arguments, int status, const std::string& output)
    : std::runtime_error(fmt::format("{}: status {}{}{}", fmt::join(arguments, " "), status, output.empty() ? "" : ": ", output)),
      status_(status) {}

std::string run_command(const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    const int error = errno;
    throw KernelError(error, "make a pipe");
  }
  const UniqueFd output{ends[0]};
  UniqueFd input{ends[1]};

  posix_spawn_file_actions_t actions{};
  ::posix_spawn_file_actions_init(&actions);
  const ScopeExit release{[&] { ::posix_spawn_file_actions_destroy(&actions); }};
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, input.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, input.get(), STDERR_FILENO);
  std::vector<char*> words;
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);

  pid_t child = -1;
  if (const int error = ::posix_spawn(&child, words[0], &actions, nullptr, words.data(), environ); error != 0)
    throw KernelError(error, "run " + arguments[0]);
  input = UniqueFd{};
  auto text = read_whole(output);
  if (const int status = wait_for(child); status != 0) throw CommandError(arguments, status, text);
  return text;
}

}  // namespace netns
