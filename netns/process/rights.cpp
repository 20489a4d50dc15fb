// SPDX-License-Identifier: Apache-2.0
#include "netns/process/rights.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <initializer_list>

#include "netns/base/error.hpp"

namespace netns {
namespace {

void must_succeed(long result, const char* what) {
  const int error = errno;
  if (result != 0) throw KernelError(error, what);
}

using Capabilities = std::uint64_t;  // by their numbers, as bits

constexpr Capabilities set_of_capabilities(std::initializer_list<unsigned> numbers) {
  Capabilities set = 0;
  for (const auto number : numbers) set |= Capabilities{1} << number;
  return set;
}

constexpr auto kInSandbox = set_of_capabilities({CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL, CAP_SETGID, CAP_SETUID,
                                                 CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_NET_BROADCAST, CAP_NET_ADMIN, CAP_NET_RAW,
                                                 CAP_IPC_LOCK, CAP_IPC_OWNER, CAP_SYS_CHROOT, CAP_AUDIT_WRITE, CAP_LEASE, CAP_BPF});

/// Takes all others from the calling thread, for good.
void keep_only(Capabilities kept) {
  // The bounding set first, which takes a capability to change. Without that one there is nothing that could come back by it.
  for (unsigned long capability = 0; ::prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
    if ((kept >> capability & 1U) != 0) continue;
    if (::prctl(PR_CAPBSET_DROP, capability) != 0 && errno != EPERM) must_succeed(-1, "give up a capability");
  }
  must_succeed(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0UL, 0UL, 0UL), "give up ambient capabilities");
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> had{};
  must_succeed(::syscall(SYS_capget, &header, had.data()), "read capabilities");
  for (auto& part : had) {
    const auto mask = static_cast<std::uint32_t>(kept);
    part = {part.effective & mask, part.permitted & mask, 0};
    kept >>= 32U;
  }
  must_succeed(::syscall(SYS_capset, &header, had.data()), "give up capabilities");
}

}  // namespace

void give_up_rights() {
  keep_only(0);
  must_succeed(::prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL), "give up new privileges");
}

void keep_rights_in_sandbox() { keep_only(kInSandbox); }

void hide_from_the_sandbox() { must_succeed(::prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL), "hide from others"); }

}  // namespace netns
