// SPDX-License-Identifier: Apache-2.0
#include "tests/support/command.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>

#include "netns/base/unique_fd.hpp"
#include "tests/support/eventually.hpp"

namespace test {
namespace {

[[noreturn]] void fail(const char* what) {
  const int error = errno;
  throw std::system_error(error, std::system_category(), what);
}

/// A file in memory that holds `text`, to be read from its start.
netns::UniqueFd file_of(const std::string& text) {
  netns::UniqueFd file{::memfd_create("input", MFD_CLOEXEC)};
  if (!file || ::write(file.get(), text.data(), text.size()) < 0 || ::lseek(file.get(), 0, SEEK_SET) != 0) fail("memfd");
  return file;
}

std::string text_of(const netns::UniqueFd& file) {
  std::string text;
  std::array<char, 4096> part{};
  if (::lseek(file.get(), 0, SEEK_SET) != 0) fail("memfd");
  for (auto got = ::read(file.get(), part.data(), part.size()); got > 0; got = ::read(file.get(), part.data(), part.size()))
    text.append(part.data(), static_cast<std::size_t>(got));
  return text;
}

int status_of(int wait_status) { return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status); }

/// Ends in 127 when there is no such program.
[[noreturn]] void become(const std::vector<std::string>& argv) {
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

CommandResult run(const std::vector<std::string>& argv, const std::string& input) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
  const netns::UniqueFd from{ends[0]};
  netns::UniqueFd to{ends[1]};
  const auto standard_input = file_of(input);
  const auto pid = ::fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    ::dup2(standard_input.get(), STDIN_FILENO);
    ::dup2(to.get(), STDOUT_FILENO);
    ::dup2(to.get(), STDERR_FILENO);
    become(argv);
  }
  to = netns::UniqueFd{};
  CommandResult result;
  std::array<char, 4096> part{};
  for (auto got = ::read(from.get(), part.data(), part.size()); got > 0; got = ::read(from.get(), part.data(), part.size()))
    result.output.append(part.data(), static_cast<std::size_t>(got));
  int status = 0;
  ::waitpid(pid, &status, 0);
  result.status = status_of(status);
  return result;
}

CommandStreams run_apart(const std::vector<std::string>& argv, const std::string& input, std::chrono::milliseconds limit) {
  const auto standard_input = file_of(input);
  const auto output = file_of({});
  const auto errors = file_of({});
  const auto pid = ::fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    ::dup2(standard_input.get(), STDIN_FILENO);
    ::dup2(output.get(), STDOUT_FILENO);
    ::dup2(errors.get(), STDERR_FILENO);
    become(argv);
  }
  int status = 0;
  if (!eventually(limit, [&] { return ::waitpid(pid, &status, WNOHANG) == pid; })) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, &status, 0);
  }
  return {status_of(status), text_of(output), text_of(errors)};
}

Child::Child(const std::function<int()>& work) : pid_(::fork()) {
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) ::_exit(work());
}

Child::~Child() {
  if (pid_ < 0) return;
  signal(SIGTERM);
  if (wait() >= 0) return;
  signal(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Child::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

int Child::kill() {
  signal(SIGKILL);
  return wait();
}

int Child::wait() {
  if (pid_ < 0) return -1;
  int status = -1;
  if (!eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; })) return -1;
  pid_ = -1;
  return status;
}

Child start(const std::vector<std::string>& argv, const std::string& log) {
  return Child{[&]() -> int {
    const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(file, STDOUT_FILENO);
    ::dup2(file, STDERR_FILENO);
    become(argv);
  }};
}

}  // namespace test
