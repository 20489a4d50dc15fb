// SPDX-License-Identifier: Apache-2.0
#include "netns/base/error.hpp"

#include <fmt/format.h>

#include <cerrno>

namespace netns {

KernelError::KernelError(int error, const std::string& operation, const std::string& kernel)
    : std::system_error(error, std::system_category(),
                        kernel.empty() ? operation : fmt::format("{}: kernel says \"{}\"", operation, kernel)) {}

void require_that(bool done, const std::string& what) {
  const int error = errno;
  if (!done) throw KernelError(error, what);
}

}  // namespace netns
