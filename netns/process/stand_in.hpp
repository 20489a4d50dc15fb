// SPDX-License-Identifier: Apache-2.0
// netns/process/stand_in.hpp — a process that only stands before another one, for those who know it by its number.
#pragma once

#include <sys/types.h>

namespace netns {

/// Forks as fork(2), and no signal is lost: from then on the parent passes on to the child what signals it is sent, but those that a
/// terminal sends to both. The child is killed when its parent is. @throws KernelError
pid_t fork_before_signals();

/// Waits for the end of the child of `fork_before_signals`, with nothing open; stops when it stops. Then the terminal is the caller's
/// again, whomever the child left it to. @return how it ended, as wait(2) gives it
int stand_before(pid_t child);

/// The caller goes on as a child; its process stands before it, and ends as it does.
/// @throws KernelError
void go_on_as_child();

}  // namespace netns
