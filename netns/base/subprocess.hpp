// SPDX-License-Identifier: Apache-2.0
// netns/base/subprocess.hpp — runs another program to its end.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace netns {

/// A program that ended with another status than 0, or could not be run.
class CommandError : public std::runtime_error {
 public:
  /// @param status  exit status, or 128 + the signal that ended it
  CommandError(const std::vector<std::string>& arguments, int status, const std::string& output);

  int status() const { return status_; }

 private:
  int status_;
};

/// What a program that only has to say or do something small may take on a slow machine.
inline constexpr std::chrono::seconds kCommandLimit{30};

/// Runs `arguments`, whose first is a path, with no input, and waits for its end, as long as `limit`; then it is killed. No argument may
/// be a secret: others can see it.
/// @return what it wrote to standard output and standard error
/// @throws CommandError with that when its status is not 0, or when it was killed
/// @throws KernelError when no process can be made
std::string run_command(const std::vector<std::string>& arguments, std::chrono::milliseconds limit = kCommandLimit);

/// Runs `arguments`, whose first may also be a name that PATH finds, with `input` on its standard input, and waits for its end.
/// @return what it wrote to standard output
/// @throws CommandError with what it wrote to standard error when its status is not 0
/// @throws KernelError when no process can be made; ENOENT means that there is no such program
std::string filter(const std::vector<std::string>& arguments, std::string_view input);

}  // namespace netns
