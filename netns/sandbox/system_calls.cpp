// SPDX-License-Identifier: Apache-2.0
#include "netns/sandbox/system_calls.hpp"

#include <asm/ioctls.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <memory>

#include "netns/base/error.hpp"

namespace netns {
namespace {

constexpr int kFchmodat2 = 452;  // on every kind of machine; newer than the library

using Filter = std::unique_ptr<void, decltype(&::seccomp_release)>;

void require_zero(int result, const char* what) {
  if (result < 0) throw KernelError(-result, what);
}

/// Of `call`, only what has these bits in an argument, counted from 0.
void refuse(const Filter& filter, int call, unsigned argument, std::uint64_t mask, std::uint64_t bits) {
  const scmp_arg_cmp compared{argument, SCMP_CMP_MASKED_EQ, mask, bits};
  require_zero(::seccomp_rule_add_array(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 1, &compared), "refuse a system call");
}

void refuse_all(const Filter& filter, int call, int error) {
  require_zero(::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, 0), "refuse a system call");
}

/// A machine that runs 64-bit programs runs older ones as well, whose calls have other numbers.
void add_other_kinds_of_program(const Filter& filter) {
  if (::seccomp_arch_native() == SCMP_ARCH_X86_64) {
    for (const std::uint32_t kind : {SCMP_ARCH_X86, SCMP_ARCH_X32})
      require_zero(::seccomp_arch_add(filter.get(), kind), "add a kind of program");
  } else if (::seccomp_arch_native() == SCMP_ARCH_AARCH64) {
    require_zero(::seccomp_arch_add(filter.get(), SCMP_ARCH_ARM), "add a kind of program");
  }
}

}  // namespace

void refuse_ways_out() {
  const Filter filter{::seccomp_init(SCMP_ACT_ALLOW), &::seccomp_release};
  if (!filter) throw KernelError(ENOMEM, "make a filter of system calls");
  add_other_kinds_of_program(filter);
  require_zero(::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_NNP, 0), "keep programs of root's what they are");
  constexpr std::uint64_t kCommand = 0xffffffff;  // the kernel takes no more of it
  for (const std::uint64_t command : {TIOCSTI, TIOCLINUX}) refuse(filter, SCMP_SYS(ioctl), 1, kCommand, command);
  for (const int call : {SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key)}) refuse_all(filter, call, EPERM);
  for (const int call : {SCMP_SYS(clone), SCMP_SYS(unshare)}) refuse(filter, call, 0, CLONE_NEWUSER, CLONE_NEWUSER);
  for (const int call : {SCMP_SYS(chmod), SCMP_SYS(fchmod), SCMP_SYS(creat), SCMP_SYS(mknod)}) refuse(filter, call, 1, S_ISUID, S_ISUID);
  for (const int call : {SCMP_SYS(fchmodat), SCMP_SYS(mknodat), SCMP_SYS(open)}) refuse(filter, call, 2, S_ISUID, S_ISUID);
  refuse(filter, SCMP_SYS(openat), 3, S_ISUID, S_ISUID);
  refuse_all(filter, kFchmodat2, ENOSYS);
  refuse(filter, SCMP_SYS(socket), 0, kCommand, AF_VSOCK);
  refuse_all(filter, SCMP_SYS(clone3), ENOSYS);  // its flags are out of a filter's sight; programs fall back to the older call
  require_zero(::seccomp_load(filter.get()), "load a filter of system calls");
}

}  // namespace netns
