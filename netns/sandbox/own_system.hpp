// SPDX-License-Identifier: Apache-2.0
// netns/sandbox/own_system.hpp — what a program in a sandbox finds of the machine: its files, but not its switches.
#pragma once

#include <fcntl.h>

#include <string>

namespace netns {

/// In a mount namespace of one's own, by its first process: the system's folders (/etc, /usr, /boot, / itself …) cannot be written; /run is
/// the sandbox's own, in memory, with the folders that packages make there; so are /dev, with the devices that are no machine's, and /proc,
/// where only the network's switches can be changed. What else there is of the host's files stays as it is.
/// @param directory  stays visible where that hides it, if it is somebody's own below /run/user or /dev/shm; may be empty
/// @throws KernelError
void arrange_own_system(const std::string& directory);

/// Makes everything that is mounted at `path` and below unwritable, for whoever sees it by way of this mount, and keeps it apart from
/// what the host mounts there. @throws KernelError
/// @param how_deep  AT_RECURSIVE, or 0 for that mount alone
void make_read_only(const std::string& path, unsigned how_deep = AT_RECURSIVE);

}  // namespace netns
