// SPDX-License-Identifier: Apache-2.0
// netns/process/process.hpp — programs that live in a namespace: started, found again, stopped.
//
// Theory of operation. Every process has a supervisor (netns/process/supervisor.cpp), a small program that starts it, keeps its log and
// its record, `<folder>/<namespace>.<name>`, and takes over whatever it puts into the background. The record is written before the
// process becomes its program and when it ends, each time whole: there is no moment at which it runs and nothing says so, however its
// starter ends, and none at which nobody knows how it ended. A record that is lost or cannot be understood is written again by the
// supervisor, which is found by its arguments. Process id and start time together never mean another process.
//
// The records are of the namespaces that have their names now: a process in one that lost its name has to be stopped like one that is
// no longer wanted, and what has ended in a namespace of the past has not been done.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "netns/process/record.hpp"
#include "netns/process/surroundings.hpp"
#include "netns/state/state.hpp"

namespace netns {

/// Digest of everything in `process`. Of one that reads its files again it has two parts, `<program>+<files>`.
std::string digest_of(const Process& process);

/// The digest of a process that lost the files it was given: of the same program where it can be told of new ones.
std::string without_files(std::string_view digest);

/// Whether `digest` and `other` are of the same program, whatever is in the files that it reads again.
bool same_program(std::string_view digest, std::string_view other);

/// How a process ended, in words: `status 3`, `signal 9 (Killed)`.
std::string describe_end(int status);

/// By namespace and name.
using Digests = std::map<std::string, std::map<std::string, std::string>>;

/// A process that ended, or that nobody knows the end of.
struct EndedProcess {
  std::string name_space;
  std::string name;
  std::optional<int> status;  ///< as wait(2) gives it; empty: it was killed together with its supervisor

  bool operator==(const EndedProcess&) const = default;
};

/// One that had to end with status 0, and did not.
class ProcessFailed : public std::runtime_error {
 public:
  ProcessFailed(EndedProcess process, const std::string& words) : std::runtime_error(words), process_(std::move(process)) {}
  const EndedProcess& process() const { return process_; }

 private:
  EndedProcess process_;
};

class ProcessRecords {
 public:
  /// @param folder      where records and logs are kept; it is made when the first process starts
  /// @param supervisor  the program lazuli-supervisor
  ProcessRecords(std::filesystem::path folder, std::filesystem::path supervisor)
      : folder_(std::move(folder)), supervisor_(std::move(supervisor)) {}

  /// Starts `process` in namespace `name_space`, in place of the one of that name, if any; `name` holds no dot; returns when it has
  /// become the program. Safe to call from several threads.
  /// @throws std::runtime_error saying why it could not be started
  void start(const std::string& name_space, const std::string& name, const Process& process) const;

  /// Writes the files of `process`, which runs and reads them again, and tells it. Whoever reads sees an old file or a new one, whole.
  /// @throws KernelError, CommandError when its teller fails: then the next `observe` finds it as it was before
  void reread(const std::string& name_space, const std::string& name, const Process& process) const;

  /// Digests of what is as it is to be: of processes that run, and of those that may end and did so well. One that was told to end, or
  /// whose namespace has lost its name, has a digest that no process has, so that it is stopped, and waited for, before it is started
  /// again. Lost records are written again. @throws KernelError when a record cannot be read
  Digests running() const;

  /// The same, but also of those that have ended otherwise: what was started, whatever became of it.
  Digests started() const;

  /// Those that failed: ended otherwise than they may.
  std::vector<EndedProcess> failures() const;

  /// Since when a process runs or ran, in milliseconds since 1970; nothing for one that has ended, or that has no record.
  std::map<std::string, std::map<std::string, std::int64_t>> living_since() const;

  /// Namespaces in which a process runs, or something that it left running.
  std::set<std::string> inhabited() const;

  /// The end of a process: empty as long as it runs. @throws std::runtime_error when it has no record
  std::optional<EndedProcess> end_of(const std::string& name_space, const std::string& name) const;

  /// Says that the processes in these namespaces are about to be told to end, in case that whoever does is killed before they have.
  void expect_end(const std::vector<std::string>& name_spaces) const;

  /// Ends the processes in these namespaces, with all that they ever started; their records stay.
  void end_all(const std::vector<std::string>& name_spaces) const;

  /// Removes what is kept of the processes in namespace `name_space`, which have ended.
  void forget(const std::string& name_space) const;

  /// Ends `name` with all that it ever started: SIGTERM, and SIGKILL for what is left after a second; then its folder, its record and its
  /// log go. Ended already is fine.
  void stop(const std::string& name_space, const std::string& name) const;

  /// Stops whatever is not desired, wherever it is: also what ended and was not observed, and what is in a namespace without a name.
  void stop_all_but(const State& desired) const;

  /// Makes the caller, which is about to become `command`, a process of a namespace, with its surroundings; there is no way back. In a
  /// sandbox it becomes the command itself and does not return: as a child of the process that called, which waits for it, passes signals
  /// on and ends as it does; in its working directory where that can be seen from there, else in /.
  /// @throws KernelError, std::runtime_error
  void enter_for_good(const std::string& name_space, const Surroundings& surroundings, const std::vector<std::string>& command) const;

  /// Names of what has a record, and a log, in a namespace.
  std::vector<std::string> logged(const std::string& name_space) const;
  std::filesystem::path record_of(const std::string& name_space, const std::string& name) const;

 private:
  struct Entry;
  std::vector<Entry> entries() const;
  std::vector<Entry> healed_entries() const;

  std::filesystem::path folder_;
  std::filesystem::path supervisor_;
};

/// The last lines of what a process said; empty when it said nothing.
std::vector<std::string> last_lines(const std::filesystem::path& record, std::size_t count);

}  // namespace netns
