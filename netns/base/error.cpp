// SPDX-License-Identifier: Apache-2.0
#include "netns/base/error.hpp"

#include <fmt/format.h>

namespace netns {

KernelError::KernelError(int error, const std::string& operation, const std::string& kernel)
    : std::system_error(error, std::system_category(),
                        kernel.empty() ? operation : fmt::format("{}: kernel says \"{}\"", operation, kernel)) {}

}  // namespace netns
