// SPDX-License-Identifier: Apache-2.0
// emu/verify/verify.hpp — runs a lab's checks against the running lab, and judges what real packets did.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "emu/model/model.hpp"
#include "emu/verify/probe.hpp"

namespace emu {

struct CheckResult {
  Check check;
  bool passed = false;
  std::string actual;                     ///< `reachable`, `blocked`, `refused`, `unreachable`, `no response`, `not run`, or a status
  std::optional<Path> path;               ///< as measured; empty when no packet left the source
  std::chrono::nanoseconds round_trip{};  ///< when something answered as asked
  std::chrono::nanoseconds took{};        ///< the whole check, waiting included
  std::string detail;                     ///< why it failed, or who answered what; may be empty

  bool operator==(const CheckResult&) const = default;
};

/// How long to wait for what `check` expects: long for an answer, short for silence.
netns::Patience patience_for(const Check& check);

/// Compares what a check wants with what happened. Silence alone is `blocked`; any HTTP response is `reachable`.
CheckResult judge(const Check& check, const ProbeResult& result, std::optional<Path> measured);

/// Runs all checks of `model` at once and returns their results in the file's order; takes about as long as the slowest one. A
/// check that cannot be run (unknown node, target without an address) is a result that did not pass.
/// @throws netns::KernelError when the lab is not running, or without the privileges to look at its packets
std::vector<CheckResult> run_checks(const Model& model);

}  // namespace emu
