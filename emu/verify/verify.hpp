// SPDX-License-Identifier: Apache-2.0
// emu/verify/verify.hpp — runs a lab's checks against the running lab, and judges what real packets did.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "emu/model/model.hpp"
#include "emu/verify/node_command.hpp"
#include "emu/verify/probe.hpp"

namespace emu {

struct CheckResult {
  Check check;
  std::string name = {};  ///< unlike every other's of the run
  bool passed = false;
  /// `reachable`, `blocked`, `refused`, `unreachable`, `no response`, `not run`, an HTTP status; of a command `status 1`, `signal 9
  /// (Killed)`, `timed out`
  std::string actual = {};
  std::optional<Path> path = {};          ///< as measured; empty when no packet left the source
  std::chrono::nanoseconds round_trip{};  ///< when something answered as asked
  std::chrono::system_clock::time_point started = {};
  std::chrono::nanoseconds took{};           ///< the whole check, waiting included
  std::string detail = {};                   ///< why it failed, or who answered what; may be empty
  std::vector<std::string> last_lines = {};  ///< of a command's output

  bool operator==(const CheckResult&) const = default;
};

/// What was measured of the way that a probe's packets took.
struct MeasuredWay {
  std::optional<Path> path;
  std::vector<std::vector<std::string>> tries = {};  ///< the nodes of each, in order; only of a check that says `through`
};

/// How long to wait for what `check` expects: long for an answer, short for silence, unless it says itself.
netns::Patience patience_for(const Check& check);

/// Compares what a check wants with what happened. Silence alone is `blocked`; any HTTP response is `reachable`.
CheckResult judge(const Check& check, const ProbeResult& result, const MeasuredWay& way);
/// The same for a command.
CheckResult judge(const Check& check, const CommandResult& result);

/// One run of checks.
struct CheckRun {
  std::string step = {};     ///< the lesson's step that they are of; empty for the lab's own
  std::string failure = {};  ///< why the step could not be applied, so that its checks were not run; empty when it was
  std::vector<CheckResult> results = {};
  std::chrono::system_clock::time_point started = {};
  std::chrono::nanoseconds took{};

  std::size_t passed() const;
  bool all_hold() const { return failure.empty() && passed() == results.size(); }
};

struct CheckOptions {
  /// By their places; empty: all.
  std::vector<std::size_t> only = {};
  /// Told, by one thread at a time, of each check that is done, and of the names of those that are not.
  std::function<void(const CheckResult&, const std::vector<std::string>&)> progress = {};
  /// Whether commands that still run are to be ended, and no check begun.
  std::function<bool()> stops = [] { return false; };
};

/// Runs checks of `model` at once and returns their results in the file's order; takes about as long as the slowest one. A check that
/// cannot be run (unknown node, target without an address) is a result that did not pass.
/// @throws netns::KernelError when the lab is not running, or without the privileges to look at its packets
CheckRun run_checks(const Model& model, const CheckOptions& options = {});

}  // namespace emu
