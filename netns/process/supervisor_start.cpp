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
#include <vector>

#include "netns/base/error.hpp"
#include "netns/base/files.hpp"
#include "netns/base/scope_exit.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/process/ending.hpp"
#include "netns/process/process.hpp"
#include "netns/process/surroundings.hpp"

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

pid_t spawn_supervisor(const std::filesystem::path& program, const std::filesystem::path& record, const std::string& name_space,
                       const UniqueFd& input, const UniqueFd& output) {
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
  std::vector<std::string> words{program, record};
  std::vector<std::string> variables;
  for (const auto& [name, value] : marks_of(name_space)) variables.push_back(name + '=' + value);
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> found;
    for (auto& text : texts) found.push_back(text.data());
    found.push_back(nullptr);
    return found;
  };
  pid_t child = -1;
  const int error = ::posix_spawn(&child, program.c_str(), &actions, &attributes, pointers(words).data(), pointers(variables).data());
  if (error != 0) throw KernelError(error, "run " + program.string());
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

}  // namespace

std::string start_supervisor(const std::filesystem::path& program, const std::filesystem::path& record, const Assignment& assignment) {
  const auto input = file_with(to_text(assignment));
  std::array<int, 2> ends{};
  require_that(::pipe2(ends.data(), O_CLOEXEC) == 0, "make a pipe");
  const UniqueFd from_child{ends[0]};
  UniqueFd to_parent{ends[1]};
  const pid_t child = spawn_supervisor(program, record, assignment.name_space, input, to_parent);
  to_parent = UniqueFd{};
  const auto words = read_whole(from_child);
  int status = 0;
  bool ended = false;
  const auto is_known = [&] {
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

}  // namespace netns
