// SPDX-License-Identifier: Apache-2.0
#include "netns/process/supervisor_start.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>
#include <vector>

#include "netns/base/error.hpp"
#include "netns/base/files.hpp"
#include "netns/base/scope_exit.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/process/ending.hpp"
#include "netns/process/process.hpp"
#include "netns/process/surroundings.hpp"
#include "netns/sandbox/sandbox.hpp"

namespace netns {
namespace {

constexpr std::chrono::seconds kTimeToSay{5};  // that the program runs, by a record

/// A file in memory that holds `text`, read from its start.
UniqueFd file_with(const std::string& text) {
  UniqueFd file{::memfd_create("lazuli", MFD_CLOEXEC)};
  require_that(static_cast<bool>(file), "make a file in memory");
  write_whole(file, text, "a file in memory");
  require_that(::lseek(file.get(), 0, SEEK_SET) == 0, "go to the start of a file in memory");
  return file;
}

/// @param words  the program and its arguments
pid_t spawn(std::vector<std::string> words, const std::string& name_space, const UniqueFd& input, const UniqueFd& output) {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  const ScopeExit release{[&] {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }};
  ::posix_spawn_file_actions_adddup2(&actions, input.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  sigset_t blocked{};
  sigset_t all{};
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);  // it may be asked for its record before it hears
  sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &blocked);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> variables;
  for (const auto& [name, value] : marks_of(name_space)) variables.push_back(name + '=' + value);
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> found;
    for (auto& text : texts) found.push_back(text.data());
    found.push_back(nullptr);
    return found;
  };
  pid_t child = -1;
  const int error = ::posix_spawn(&child, words[0].c_str(), &actions, &attributes, pointers(words).data(), pointers(variables).data());
  if (error != 0) throw KernelError(error, "run " + words[0]);
  return child;
}

std::string read_whole(const UniqueFd& file) {
  std::string all;
  std::array<char, 512> part{};
  ssize_t size = 0;
  while ((size = ::read(file.get(), part.data(), part.size())) > 0 || (size < 0 && errno == EINTR))
    if (size > 0) all.append(part.data(), static_cast<std::size_t>(size));
  return all;
}

/// What it says until its output is closed.
std::pair<pid_t, std::string> spawn_and_listen(std::vector<std::string> words, const Assignment& assignment) {
  const auto input = file_with(to_text(assignment));
  std::array<int, 2> ends{};
  require_that(::pipe2(ends.data(), O_CLOEXEC) == 0, "make a pipe");
  const UniqueFd from_child{ends[0]};
  UniqueFd to_parent{ends[1]};
  const pid_t child = spawn(std::move(words), assignment.name_space, input, to_parent);
  to_parent = UniqueFd{};
  return {child, read_whole(from_child)};
}

}  // namespace

std::string start_supervisor(const std::filesystem::path& program, const std::filesystem::path& record, const Assignment& assignment) {
  const auto [child, words] = spawn_and_listen({program, record}, assignment);
  int status = 0;
  bool ended = false;
  const auto is_known = [&, child = child] {  // clang takes no part of a pair
    ended = ended || ::waitpid(child, &status, WNOHANG) == child;
    return ended || read_record(record).has_value();
  };
  if (words.empty() && wait_until(kTimeToSay, is_known) && (!ended || status == 0)) return {};
  if (!ended) {
    ::kill(child, SIGKILL);  // who has said why has nothing more to do
    ::waitpid(child, &status, 0);
  }
  return words.empty() ? fmt::format("its supervisor ended with {}", describe_end(status)) : words;
}

std::string start_keeper(const std::filesystem::path& program, const std::filesystem::path& record, const Assignment& assignment) {
  const auto [child, words] = spawn_and_listen({program, kKeeperOption, record}, assignment);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return words.empty() && status != 0 ? fmt::format("its maker ended with {}", describe_end(status)) : words;
}

}  // namespace netns
