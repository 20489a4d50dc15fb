// SPDX-License-Identifier: Apache-2.0
#include "netns/base/parallel.hpp"

#include <fcntl.h>
#include <sched.h>

#include <cerrno>
#include <cstdlib>

#include "netns/base/error.hpp"
#include "netns/base/scope_exit.hpp"
#include "netns/base/unique_fd.hpp"

namespace netns {

void run_and_return(const std::function<void()>& work) {
  const UniqueFd home{::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)};
  if (!home) {
    const int error = errno;
    throw KernelError(error, "open /proc/thread-self/ns/net");
  }
  const ScopeExit go_home{[&] {
    if (::setns(home.get(), CLONE_NEWNET) != 0) std::abort();  // a thread that cannot must not go on
  }};
  work();
}

}  // namespace netns
