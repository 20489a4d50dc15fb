// SPDX-License-Identifier: Apache-2.0
// netns/base/error.hpp — what the kernel refused, in the kernel's own words.
#pragma once

#include <stdexcept>
#include <string>
#include <system_error>

namespace netns {

/// A refusal of the kernel: what was tried, on what, in which namespace, and the kernel's extended acknowledgement where it
/// gave one. `what()` reads `add route 10.1.0.0/16 in lab.router1: kernel says "Nexthop has invalid gateway": Network is
/// unreachable`.
class KernelError : public std::system_error {
 public:
  /// @param error      errno, read on the line after the call that failed
  /// @param operation  what was tried and on what, in words
  /// @param kernel     NLMSGERR_ATTR_MSG, or empty
  KernelError(int error, const std::string& operation, const std::string& kernel = {});
};

/// Call it on the line after the call that may have failed. @throws KernelError of errno saying `what` was tried, unless it was `done`
void require_that(bool done, const std::string& what);

/// The host lacks something that a person can mend: a privilege, a program, a kernel feature.
class MissingRequirement : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace netns
