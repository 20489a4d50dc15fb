// SPDX-License-Identifier: Apache-2.0
// emu/cli/verify_run.hpp — what `lazuli verify` runs: the checks of a lab, and with --steps those of a lesson.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "emu/cli/command.hpp"
#include "emu/verify/verify.hpp"

namespace emu::cli {

struct VerifyArguments {
  LabWords words;
  std::vector<std::string> only;
  bool as_json = false;
  bool matrix = false;
  bool steps = false;
  std::string junit;
  std::string html;
};

/// Runs the checks of a running lab, and prints what came of them: on a terminal each result as it comes, elsewhere a table; nothing as
/// JSON. @param stops  whether it is to end
CheckRun run_and_show(const Model& model, const VerifyArguments& arguments, const std::function<bool()>& stops);

/// Writes the JUnit file and prints the JSON, each if it is wanted. @return whether all holds
Exit report_runs(const VerifyArguments& arguments, const std::string& lab, const std::vector<CheckRun>& runs);

/// Plays the steps of the running lab's file: checks, then for each step its change and its checks. Whatever happens, the lab is put
/// back in the end. @throws UsageError, std::runtime_error
Exit play_steps(const VerifyArguments& arguments);

}  // namespace emu::cli
