// SPDX-License-Identifier: Apache-2.0
// netns/process/process.hpp — programs that live in a namespace: started, found again, stopped.
//
// Theory of operation. A started program leaves a record, `<folder>/<namespace>.<name>`, which it writes itself before it becomes
// the program: there is no moment at which it runs and nothing says so, however its starter ends. The record holds process id,
// start time, a digest of what was started and the process's own folder, if any; id and start time together never mean another process.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "netns/state/state.hpp"

namespace netns {

/// Makes the calling process one of namespace `name`: its network, and mount and host names of its own in which `surroundings`
/// hold. For a process that is about to become another program; there is no way back.
/// @throws KernelError
void enter_for_good(std::string_view name, const Surroundings& surroundings);

/// Digest of everything in `process`. Of one that reads its files again it has two parts, `<program>+<files>`.
std::string digest_of(const Process& process);

/// Whether `digest` and `other` are of the same program, whatever is in the files that it reads again.
bool same_program(std::string_view digest, std::string_view other);

class ProcessRecords {
 public:
  /// @param folder  where records and logs (`<record>.log`) are kept; it is made when the first process starts
  explicit ProcessRecords(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Starts `process` in namespace `name_space`; `name` holds no dot; returns when it has become the program. Its output goes to its log.
  /// @throws KernelError saying why it could not be started
  void start(const std::string& name_space, const std::string& name, const Process& process) const;

  /// Writes the files of `process`, which runs and reads them again, and tells it. Whoever reads sees an old file or a new one, whole.
  /// @throws KernelError, CommandError when its teller fails: then the next `observe` finds it as it was before
  void reread(const std::string& name_space, const std::string& name, const Process& process) const;

  /// Digests of what runs, by namespace and name; records of processes that ended are passed over. One that was told to end and is still
  /// there has a digest that no process has, so that it is stopped, and waited for, before it is started again.
  std::map<std::string, std::map<std::string, std::string>> running() const;

  /// Says that the processes in these namespaces are about to be told to end, in case that whoever does is killed before they have.
  void expect_end(const std::vector<std::string>& name_spaces) const;

  /// Removes what is kept of the processes in namespace `name_space`, which have ended.
  void forget(const std::string& name_space) const;

  /// Ends the process group of `name`: SIGTERM, and SIGKILL for what is left after a second; then its folder goes. Ended already is fine.
  void stop(const std::string& name_space, const std::string& name) const;

 private:
  std::filesystem::path folder_;
};

/// Ends every process whose network namespace is one of `names`, whoever started it; the caller itself excepted.
void stop_all_in(const std::vector<std::string>& names);

}  // namespace netns
