// SPDX-License-Identifier: Apache-2.0
// netns/rootless/rootless.hpp — an ordinary user as root of namespaces of its own.
//
// Theory of operation. A holder keeps a user, a mount, a network, a process, a host name and an IPC namespace for each user who has a lab.
// It is the first process in there: when it ends, by itself or by anybody's hand, the kernel ends all others and forgets every
// namespace, link and mount of theirs. It has a /run of its own in memory, so users see neither each other's labs nor the host's.
//
// The holder listens on an abstract socket (unix(7)), whose name is the user's number: so there is one, no file tells of it, and nothing
// of it stays. A command connects, which tells it who the holder is, enters its namespaces, and runs its own program there once more. Who
// finds nobody to connect to takes the name and starts a holder. That ends when there is neither a lab nor a connection.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace netns {

/// Who this process is outside of the user namespace that it is in; in none of its own that is geteuid(2).
uid_t user_outside();

/// Runs this program once more with `arguments`, as root inside, and waits. Signals that would end it are passed on; it is killed when
/// this process is.
/// @return its status; 128 and the signal's number when one ended it
/// @throws MissingRequirement where this machine lets no user have namespaces, saying what to do
int run_inside(const std::vector<std::string>& arguments);

/// Why `run_inside` would throw MissingRequirement; empty when it would not.
std::optional<std::string> why_not_inside();

/// What `run_inside` has the program be started with to become the holder; the descriptors that `hold_namespaces` takes follow.
inline constexpr const char* kHolderCommand = "namespace-holder";

/// The life of a holder, as the first process of its namespaces.
/// @param door     a socket that has its name
/// @param starter  a socket on which it is told that all is ready, or why not
/// @throws KernelError when something is refused before
void hold_namespaces(int door, int starter);

}  // namespace netns
