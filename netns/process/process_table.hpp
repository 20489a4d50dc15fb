// SPDX-License-Identifier: Apache-2.0
// netns/process/process_table.hpp — the processes of this machine, as proc(5) shows them.
#pragma once

#include <sys/types.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace netns {

/// A process: the number alone may mean another one later, number and start time never do.
struct ProcessId {
  pid_t pid = 0;
  std::string started;  ///< in the kernel's ticks since it booted

  auto operator<=>(const ProcessId&) const = default;
};

/// The process of that number; empty when there is none or it is a zombie.
std::optional<ProcessId> find_process(pid_t pid);
bool is_alive(const ProcessId& process);

/// The number that the caller has where /proc was mounted, which is not getpid(2) in a process namespace that was entered later.
pid_t own_number();

/// Sends `signal` to that process, which is of the caller's process namespace or of one below it, and to no other. False when it is gone.
bool send_signal(const ProcessId& process, int signal);

/// Numbers of all processes, zombies too.
std::vector<pid_t> list_processes();

/// Every process below `pid`, children of children too; zombies are passed over. Of processes that come and go meanwhile one may be missed:
/// whoever wants to end them all looks again.
std::set<ProcessId> descendants_of(pid_t pid);

/// Identity of its network namespace; 0 when it is gone or that cannot be read.
ino_t network_of(pid_t pid);

/// Whether it is the caller's user's and has all of root's rights, as nobody in a sandbox has.
bool is_ours_to_trust(pid_t pid);

/// The words it was started with, and its first environment: each without what cannot be read.
std::vector<std::string> arguments_of(pid_t pid);
std::vector<std::string> environment_of(pid_t pid);

}  // namespace netns
