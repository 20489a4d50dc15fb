// SPDX-License-Identifier: Apache-2.0
// netns/sandbox/system_calls.hpp — what no capability guards and yet leads out of a sandbox (seccomp(2)).
#pragma once

namespace netns {

/// Refuses, for the calling process and all that it becomes: to type into the caller's terminal (TIOCSTI, TIOCLINUX), which a program in
/// there shares with the host; the keys of the kernel, which are a user's and not a namespace's; and user namespaces, in which one would
/// have every capability again. Needs CAP_SYS_ADMIN. @throws KernelError
void refuse_ways_out();

}  // namespace netns
