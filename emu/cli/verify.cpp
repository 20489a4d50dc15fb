// SPDX-License-Identifier: Apache-2.0
// emu/cli/verify.cpp — `lazuli verify [LAB]`: runs the lab's checks; with --matrix predicts and proves every pair.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>

#include "emu/cli/command.hpp"
#include "emu/cli/measured.hpp"
#include "emu/cli/status_line.hpp"
#include "emu/cli/verify_run.hpp"
#include "emu/model/wording.hpp"
#include "emu/report/terminal.hpp"
#include "emu/verify/check_names.hpp"
#include "emu/verify/matrix.hpp"
#include "emu/verify/matrix_report.hpp"
#include "emu/verify/report.hpp"
#include "emu/verify/verify.hpp"
#include "netns/base/stop_signals.hpp"

namespace emu::cli {
namespace {

/// `'1', 'two'`
std::string list_of_names(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const auto& name : names) quoted.push_back(in_quotes(name));
  return fmt::format("{}", fmt::join(quoted, ", "));
}

/// The places of the checks that `words` mean. @throws UsageError when one means none
std::vector<std::size_t> places_of_checks(const Model& model, const std::vector<std::string>& words) {
  const auto names = names_of(model.checks);
  std::set<std::size_t> places;
  for (const auto& word : words) {
    const auto found = checks_called(word, names);
    if (found.empty())
      throw UsageError(fmt::format("lab '{}' has no check {}; it has {}", model.lab, in_quotes(word), list_of_names(names)));
    places.insert(found.begin(), found.end());
  }
  return {places.begin(), places.end()};
}

/// `a, b and 3 more`
std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 2;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) text += fmt::format("{}{}", i == 0 ? "" : ", ", printable(names[i]));
  return names.size() > kMost ? fmt::format("{} and {} more", text, names.size() - kMost) : text;
}

bool runs_commands(const Model& model) {
  return std::ranges::any_of(model.checks, [](const Check& check) { return check.kind == CheckKind::Run; });
}

Exit run_verify(const VerifyArguments& arguments) {
  const auto naming = naming_of(arguments.words);
  const auto lab = naming.lab();
  const auto run = measured(naming, [&](const Model& model) {
    if (model.checks.empty())
      throw UsageError(fmt::format("lab '{}' has nothing to verify: write 'checks:' in its file, or ask every pair of nodes with '{}'",
                                   model.lab, command_text(fmt::format("verify {} --matrix", model.lab))));
    std::optional<netns::StopSignals> signals;  // a command of a check is ended with this; packets need nobody to end them
    if (runs_commands(model)) signals.emplace();
    auto done = run_and_show(model, arguments, [&] { return signals && signals->came(); });
    if (signals && signals->came()) throw std::runtime_error("interrupted");
    return done;
  });
  return report_runs(arguments, lab, {run});
}

Exit verify_matrix(const VerifyArguments& arguments) {
  const auto naming = naming_of(arguments.words);
  const auto lab = naming.lab();
  const auto matrix = measured(naming, [](const Model& model) { return run_matrix(model); });
  if (!arguments.junit.empty()) write_file(arguments.junit, matrix_junit(lab, matrix));
  if (!arguments.html.empty()) write_file(arguments.html, matrix_html(lab, matrix));
  fmt::print("{}", arguments.as_json ? matrix_json(lab, matrix) : matrix_text(matrix, wants_colour(STDOUT_FILENO)));
  if (matrix.disagreements != 0) return Exit::CheckFailed;
  return matrix.not_asked == 0 ? Exit::Done : Exit::Failed;
}

}  // namespace

CheckRun run_and_show(const Model& model, const VerifyArguments& arguments, const std::function<bool()>& stops) {
  const StatusLine line;
  const bool shows = !arguments.as_json && ::isatty(STDOUT_FILENO) == 1;
  const auto columns = columns_of(model.checks);
  CheckOptions options;
  options.only = places_of_checks(model, arguments.only);
  options.stops = stops;
  options.progress = [&](const CheckResult& done, const std::vector<std::string>& waiting) {
    line.clear();
    if (shows) {
      fmt::print("{}", result_text(done, columns, wants_colour(STDOUT_FILENO)));
      std::fflush(stdout);
    }
    if (!waiting.empty()) line.show(fmt::format("waiting for {}", some_of(waiting)));
  };
  line.show(fmt::format("running {}", plural(options.only.empty() ? model.checks.size() : options.only.size(), "check")));
  auto run = run_checks(model, options);
  line.clear();
  if (!arguments.as_json) fmt::print("{}", shows ? count_text(run) : text_report(run, wants_colour(STDOUT_FILENO)));
  return run;
}

Exit report_runs(const VerifyArguments& arguments, const std::string& lab, const std::vector<CheckRun>& runs) {
  if (!arguments.junit.empty()) write_file(arguments.junit, junit_report(lab, runs));
  if (arguments.as_json) fmt::print("{}", json_report(lab, runs));
  return std::ranges::all_of(runs, &CheckRun::all_hold) ? Exit::Done : Exit::CheckFailed;
}

void add_verify(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("verify", "Run the lab's checks with real packets");
  const auto arguments = std::make_shared<VerifyArguments>();
  add_lab_words(*command, arguments->words);
  auto* matrix =
      command->add_flag("--matrix", arguments->matrix, "Every pair of nodes instead: what Azure's rules say, and what packets do");
  command
      ->add_option("--only", arguments->only,
                   "Only this check: its name, a pattern of names like 'web*', or its number; may be given again")
      ->type_name("CHECK")
      ->type_size(1)
      ->allow_extra_args(false)
      ->excludes(matrix)
      ->check(is_not_empty());
  command
      ->add_flag("--steps", arguments->steps,
                 "Play the lesson in the lab's file: its checks, then step by step a change and its checks; then the lab is put back")
      ->excludes(matrix)
      ->excludes("--only");
  command->add_flag("--json", arguments->as_json, "As JSON");
  command->add_option("--junit", arguments->junit, "Also write JUnit XML to this file")->type_name("FILE");
  command->add_option("--html", arguments->html, "Also write the matrix as a web page to this file")->type_name("FILE")->needs(matrix);
  add_examples(*command, {"verify", "verify two-vnets --matrix", "verify --only 1"});
  command->callback([=, &status] {
    require_root(*command);
    status = arguments->matrix ? verify_matrix(*arguments) : arguments->steps ? play_steps(*arguments) : run_verify(*arguments);
  });
}

}  // namespace emu::cli
