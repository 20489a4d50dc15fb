// SPDX-License-Identifier: Apache-2.0
// netns/sandbox/system_calls.hpp — what no capability guards and yet leads out of a sandbox (seccomp(2)).
#pragma once

namespace netns {

/// Refuses, for the calling process and all that it becomes: to type into the caller's terminal (TIOCSTI, TIOCLINUX), which a program in
/// there shares with the host; the keys of the kernel, which are a user's and not a namespace's; user namespaces, in which one would
/// have every capability again; files that make whoever runs them their owner (S_ISUID), which the host's users could run; and sockets to
/// the machine's own host (AF_VSOCK), which are of no namespace. Needs CAP_SYS_ADMIN. @throws KernelError
void refuse_ways_out();

}  // namespace netns
