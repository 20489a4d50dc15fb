// SPDX-License-Identifier: Apache-2.0
// netns/sandbox/sandbox.hpp — walls around the programs of a namespace: root in there has nothing of the host's but files.
//
// Theory of operation. The sandbox of a network namespace is a PID, a mount, an IPC and a UTS namespace, made when the first program is
// to run in there and not before. Its first process, the keeper (netns/sandbox/keeper.cpp), arranges what is seen (own_system.hpp) and
// stays, so that others can join, and reaps what nobody waits for. Who joins gives up the rights by which root could leave: capabilities
// (netns/process/rights.hpp) and a few system calls (system_calls.hpp). The keeper is found by a record, and ends like every process
// that carries the marks of its namespace.
//
// A supervisor joins the process namespace alone: so it stays the one that whatever its process puts into the background falls to, and
// still reads and writes the host's files. Programs in there see it and may end it, which harms none but themselves; what it has open
// they cannot reach, for they have fewer capabilities than it.
#pragma once

#include <filesystem>
#include <string>

#include "netns/base/unique_fd.hpp"
#include "netns/state/state.hpp"

namespace netns {

/// What the sandbox of a namespace is known by.
struct SandboxPlace {
  std::string name_space;
  std::filesystem::path record;   ///< where its keeper is written down; its folder's folder has to be there
  std::filesystem::path program;  ///< lazuli-supervisor
};

/// Finds the sandbox of a namespace, or makes it. Safe to call from several processes at once.
/// @param directory  is seen in there wherever it is, for programs that work in it; may be empty
/// @return a descriptor of its keeper (pidfd_open(2))
/// @throws KernelError, std::runtime_error saying why it cannot be made
UniqueFd sandbox_of(const SandboxPlace& place, const Surroundings& surroundings, const std::string& directory);

/// What the calling process forks from now on is in the sandbox's process namespace; it is itself in the sandbox's network.
/// @throws KernelError
void adopt_children(const UniqueFd& sandbox);

/// Makes the calling process one of the sandbox in all else, and takes its rights; what it has open besides the standard files is closed
/// when it becomes another program. There is no way back.
/// @throws KernelError
void confine(const UniqueFd& sandbox);

/// The calling program begins anew, by way of a mount that cannot be written, unless it is there already: from inside, its own file is to
/// be had by /proc/<pid>/exe, and by a script that has that for its interpreter. @throws KernelError
void go_on_unwritable(char** arguments);

/// What lazuli-supervisor is started with to run a command in a sandbox: the descriptor of its keeper, the folder to work in, the command.
inline constexpr const char* kVisitOption = "--visit";

/// Becomes the command. @param arguments  all that the program was started with
/// @return 127 or 126, as shells do, and says why, when it cannot
int visit_sandbox(char** arguments);

/// What lazuli-supervisor is started with to make a sandbox; the record follows.
inline constexpr const char* kKeeperOption = "--sandbox";

/// Makes the sandbox that `assignment`, which is of a process that never runs, tells of, and writes the record of its keeper.
/// @throws KernelError, std::runtime_error; never comes back in the keeper
void make_sandbox(const std::string& assignment, const std::filesystem::path& record);

}  // namespace netns
