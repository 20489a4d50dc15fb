// SPDX-License-Identifier: Apache-2.0
#include "netns/base/descriptors.hpp"

#include <filesystem>
#include <iterator>
#include <limits>
#include <system_error>

namespace netns {

RaisedDescriptorLimit::RaisedDescriptorLimit() noexcept {
  if (::getrlimit(RLIMIT_NOFILE, &before_) != 0 || before_.rlim_cur == before_.rlim_max) return;
  const rlimit raised{before_.rlim_max, before_.rlim_max};
  raised_ = ::setrlimit(RLIMIT_NOFILE, &raised) == 0;
}

RaisedDescriptorLimit::~RaisedDescriptorLimit() {
  if (raised_) ::setrlimit(RLIMIT_NOFILE, &before_);
}

std::size_t free_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::numeric_limits<std::size_t>::max();
  std::error_code refused;
  const std::filesystem::directory_iterator open{"/proc/self/fd", refused};
  if (refused) return 0;
  const auto used = static_cast<std::size_t>(std::distance(begin(open), end(open)));
  return limit.rlim_cur > used ? static_cast<std::size_t>(limit.rlim_cur) - used : 0;
}

}  // namespace netns
