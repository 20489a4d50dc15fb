// SPDX-License-Identifier: Apache-2.0
// netns/sandbox/sandbox.hpp — walls around the programs of a namespace: what is root there is no danger to the host.
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

/// What the calling process forks from now on is in the sandbox's process namespace. @throws KernelError
void adopt_children(const UniqueFd& sandbox);

/// Makes the calling process one of the sandbox in all else, its network included, and takes its rights. There is no way back.
/// @throws KernelError
void confine(const UniqueFd& sandbox);

/// What lazuli-supervisor is started with to make a sandbox; the record follows.
inline constexpr const char* kKeeperOption = "--sandbox";

/// Makes the sandbox that `assignment`, which is of a process that never runs, tells of, and writes the record of its keeper.
/// @throws KernelError, std::runtime_error; never comes back in the keeper
void make_sandbox(const std::string& assignment, const std::filesystem::path& record);

}  // namespace netns
