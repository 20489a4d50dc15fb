// SPDX-License-Identifier: Apache-2.0
// tests/scenario/user.hpp — an ordinary user of the program.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/command.hpp"

namespace test {

/// Somebody whom no account tells of, with a folder and a copy of the program of their own.
class User {
 public:
  explicit User(uid_t number);
  User(const User&) = delete;
  User& operator=(const User&) = delete;
  ~User();

  const std::filesystem::path& folder() const { return folder_; }

  /// What runs their program.
  std::vector<std::string> command(const std::vector<std::string>& arguments) const;
  CommandStreams lazuli(const std::vector<std::string>& arguments) const { return run_apart(command(arguments)); }

  /// Copies a scenario. @return its file
  std::string scenario(const std::string& name) const;

  /// Their processes that match `pattern`, as pgrep(1) finds them.
  std::vector<pid_t> processes(const std::string& pattern = ".") const;
  /// Whether nothing of theirs runs any more, at the latest after some seconds.
  bool is_at_rest() const;

 private:
  void end_all() const;

  uid_t number_;
  std::filesystem::path folder_;
};

}  // namespace test
