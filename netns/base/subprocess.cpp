// SPDX-License-Identifier: Apache-2.0
#include "netns/base/subprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

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

/// @throws KernelError for a descriptor that is none
UniqueFd owned(int fd, const char* operation) {
  if (fd >= 0) return UniqueFd{fd};
  const int error = errno;
  throw KernelError(error, operation);
}

/// A file in memory.
UniqueFd make_file() { return owned(::memfd_create("lazuli", MFD_CLOEXEC), "make a file in memory"); }

void go_to_start(const UniqueFd& file) { ::lseek(file.get(), 0, SEEK_SET); }

void write_whole(const UniqueFd& file, std::string_view text) {
  while (!text.empty()) {
    const auto size = ::write(file.get(), text.data(), text.size());
    const int error = errno;
    if (size < 0 && error != EINTR) throw KernelError(error, "write a file in memory");
    if (size > 0) text.remove_prefix(static_cast<std::size_t>(size));
  }
}

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

}  // namespace

CommandError::CommandError(const std::vector<std::string>& arguments, int status, const std::string& output)
    : std::runtime_error(fmt::format("{}: status {}{}{}", fmt::join(arguments, " "), status, output.empty() ? "" : ": ", output)),
      status_(status) {}

std::string run_command(const std::vector<std::string>& arguments) {
  const auto nothing = owned(::open("/dev/null", O_RDONLY | O_CLOEXEC), "open /dev/null");
  auto [output, end] = make_pipe();
  const pid_t child = spawn(arguments, nothing.get(), end.get(), end.get());
  end = UniqueFd{};
  auto text = read_whole(output);
  if (const int status = wait_for(child); status != 0) throw CommandError(arguments, status, text);
  return text;
}

std::string filter(const std::vector<std::string>& arguments, std::string_view input) {
  // Files, not pipes: nobody has to read one while the other fills up.
  const auto in = make_file();
  write_whole(in, input);
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
