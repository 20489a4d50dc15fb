// SPDX-License-Identifier: Apache-2.0
// netns/process/rights.hpp — what a process of root's may do, given up (capabilities(7)).
#pragma once

namespace netns {

/// Takes every capability from the calling thread, for good: neither it nor a program that it starts gets one again. It keeps its user's
/// files, and what it has open. Call it before there are other threads.
/// @throws KernelError
void give_up_rights();

/// Takes what root could leave a sandbox with, or harm the machine: to mount, to make devices, to load modules, to set the clock, to look
/// into processes that have more. What is left is what programs of a network's need: users, files, sockets, the network itself.
/// @throws KernelError
void keep_rights_in_sandbox();

/// Until it becomes another program, nobody with the rights that are kept in a sandbox gets at what the calling process has open, has
/// in memory, or is (PR_SET_DUMPABLE).
void hide_from_the_sandbox();

}  // namespace netns
