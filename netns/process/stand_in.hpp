// SPDX-License-Identifier: Apache-2.0
// netns/process/stand_in.hpp — a process that only stands before another one, for those who know it by its number.
#pragma once

#include <sys/types.h>

namespace netns {

/// Waits for the end of a child, and passes on what signals it is sent meanwhile, but those that a terminal sends to both.
/// @return how it ended, as wait(2) gives it
int stand_before(pid_t child);

/// Forks. The caller goes on as the child, which is killed when its parent is; the parent stands before it, and ends as it does.
/// @throws KernelError
void go_on_as_child();

}  // namespace netns
