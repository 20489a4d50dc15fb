// SPDX-License-Identifier: Apache-2.0
// netns/base/descriptors.hpp — how many file descriptors this process may have (getrlimit(2), RLIMIT_NOFILE).
#pragma once

#include <sys/resource.h>

#include <cstddef>

namespace netns {

/// As long as this lives, the soft limit is the hard one. Afterwards it is again what it was, so programs that are started later inherit
/// what the caller gave. Where the kernel refuses, nothing changes.
class RaisedDescriptorLimit {
 public:
  RaisedDescriptorLimit() noexcept;
  RaisedDescriptorLimit(const RaisedDescriptorLimit&) = delete;
  RaisedDescriptorLimit& operator=(const RaisedDescriptorLimit&) = delete;
  ~RaisedDescriptorLimit();

 private:
  rlimit before_{};
  bool raised_ = false;
};

/// How many more this process may open now.
std::size_t free_descriptors();

}  // namespace netns
