// SPDX-License-Identifier: Apache-2.0
// tests/scenario/user.hpp — an ordinary user without any right.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/scenario/lab.hpp"

namespace test {

/// Somebody whom no account tells of, with a folder and a copy of the program of their own. What is left of their processes ends with it.
class User {
 public:
  explicit User(uid_t number);
  User(const User&) = delete;
  User& operator=(const User&) = delete;
  ~User();

  const std::filesystem::path& folder() const { return folder_; }

  /// What runs `words` as this user, in their folder, where `lazuli` is the program under test.
  std::vector<std::string> as_user(const std::vector<std::string>& words) const;
  std::vector<std::string> command(std::vector<std::string> arguments) const;
  CommandStreams lazuli(const std::vector<std::string>& arguments) const { return run_apart(command(arguments)); }

  /// Copies a file or folder into theirs. @return where it is then
  std::filesystem::path give(const std::filesystem::path& path) const;
  /// Copies a scenario. @return its file
  std::string scenario(const std::string& name) const { return give(scenarios_folder() / name) / "lab.yaml"; }

  /// Their processes that match `pattern`, as pgrep(1) finds them.
  std::vector<pid_t> processes(const std::string& pattern = ".") const;
  /// None of them is left, at the latest after some seconds.
  bool is_at_rest() const;

 private:
  void own(const std::filesystem::path& path) const;

  uid_t number_;
  std::filesystem::path folder_;
};

}  // namespace test
