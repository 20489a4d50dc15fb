// SPDX-License-Identifier: Apache-2.0
// tests/support/command.hpp — runs programs for tests.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace test {

struct CommandResult {
  int status = -1;     ///< exit status, 128 + the signal that ended it, or 127 when there is no such program
  std::string output;  ///< standard output and standard error as they came
};

/// Runs `argv` to its end. @throws std::system_error when no process can be made
CommandResult run(const std::vector<std::string>& argv, const std::string& input = {});

struct CommandStreams {
  int status = -1;     ///< as in CommandResult
  std::string output;  ///< standard output
  std::string errors;  ///< standard error
};

/// Runs `argv` with its two outputs apart. One that takes longer than `limit` is killed. @throws std::system_error
CommandStreams run_apart(const std::vector<std::string>& argv, const std::string& input = {},
                         std::chrono::milliseconds limit = std::chrono::minutes{3});

/// A child process of the test's own code. It is ended and waited for when this goes.
class Child {
 public:
  /// Calls `work` in a new process, which exits with what it returns.
  explicit Child(const std::function<int()>& work);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  /// Kills it at once, and waits. @return status as waitpid(2) gives it; that of its own end when it came first
  int kill();
  /// Waits for the end, with a limit. @return status as waitpid(2) gives it, or -1 when it still runs
  int wait();

 private:
  pid_t pid_ = -1;
};

/// `argv` in a child, its output in the file `log`.
Child start(const std::vector<std::string>& argv, const std::string& log = "/dev/null");

}  // namespace test
