// SPDX-License-Identifier: Apache-2.0
#include "netns/process/rights.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "netns/base/error.hpp"

namespace netns {
namespace {

void must_succeed(long result, const char* what) {
  const int error = errno;
  if (result != 0) throw KernelError(error, what);
}

}  // namespace

void give_up_rights() {
  // The bounding set first, which takes a capability to change. Without that one there is nothing that could come back by it.
  for (unsigned long capability = 0; ::prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
    if (::prctl(PR_CAPBSET_DROP, capability) != 0 && errno != EPERM) must_succeed(-1, "give up a capability");
  }
  must_succeed(::prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL), "give up new privileges");
  must_succeed(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0UL, 0UL, 0UL), "give up ambient capabilities");
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  must_succeed(::syscall(SYS_capset, &header, none.data()), "give up all capabilities");
}

}  // namespace netns
