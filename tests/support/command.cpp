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

constexpr std::chrono::seconds kPatience{5};

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

}  // namespace

CommandResult run(const std::vector<std::string>& argv, const std::string& input) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
  const netns::UniqueFd from{ends[0]};
  netns::UniqueFd to{ends[1]};
  const auto standard_input = file_of(input);
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const auto pid = ::fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    ::dup2(standard_input.get(), STDIN_FILENO);
    ::dup2(to.get(), STDOUT_FILENO);
    ::dup2(to.get(), STDERR_FILENO);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  to = netns::UniqueFd{};
  CommandResult result;
  std::array<char, 4096> part{};
  for (auto got = ::read(from.get(), part.data(), part.size()); got > 0; got = ::read(from.get(), part.data(), part.size()))
    result.output.append(part.data(), static_cast<std::size_t>(got));
  int status = 0;
  ::waitpid(pid, &status, 0);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
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

int Child::wait() {
  if (pid_ < 0) return -1;
  int status = -1;
  if (!eventually(kPatience, [&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; })) return -1;
  pid_ = -1;
  return status;
}

}  // namespace test
