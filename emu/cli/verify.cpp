// SPDX-License-Identifier: Apache-2.0
// emu/cli/verify.cpp — `lazuli verify [LAB]`: runs the lab's checks; with --matrix predicts and proves every pair.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>

#include "emu/cli/command.hpp"
#include "emu/cli/measured.hpp"
#include "emu/report/terminal.hpp"
#include "emu/verify/matrix.hpp"
#include "emu/verify/matrix_report.hpp"
#include "emu/verify/report.hpp"
#include "emu/verify/verify.hpp"

namespace emu::cli {
namespace {

struct VerifyArguments {
  LabWords words;
  bool as_json = false;
  bool matrix = false;
  std::string junit;
  std::string html;
};

Exit run_verify(const VerifyArguments& arguments) {
  const auto naming = naming_of(arguments.words);
  const auto lab = naming.lab();
  const auto start = std::chrono::steady_clock::now();
  const auto results = measured(naming, [](const Model& model) {
    if (model.checks.empty())
      throw UsageError(fmt::format("lab '{}' has nothing to verify: write 'checks:' in its file, or ask every pair of nodes with '{}'",
                                   model.lab, command_text(fmt::format("verify {} --matrix", model.lab))));
    return run_checks(model);
  });
  const auto elapsed = std::chrono::steady_clock::now() - start;
  if (!arguments.junit.empty()) write_file(arguments.junit, junit_report(lab, results, elapsed));
  fmt::print("{}", arguments.as_json ? json_report(lab, results) : text_report(results, elapsed, wants_colour(STDOUT_FILENO)));
  return std::ranges::all_of(results, &CheckResult::passed) ? Exit::Done : Exit::CheckFailed;
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

void add_verify(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("verify", "Run the lab's checks with real packets");
  const auto arguments = std::make_shared<VerifyArguments>();
  add_lab_words(*command, arguments->words);
  auto* matrix =
      command->add_flag("--matrix", arguments->matrix, "Every pair of nodes instead: what Azure's rules say, and what packets do");
  command->add_flag("--json", arguments->as_json, "As JSON");
  command->add_option("--junit", arguments->junit, "Also write JUnit XML to this file")->type_name("FILE");
  command->add_option("--html", arguments->html, "Also write the matrix as a web page to this file")->type_name("FILE")->needs(matrix);
  add_examples(*command, {"verify", "verify two-vnets --matrix"});
  command->callback([=, &status] {
    require_root(*command);
    status = arguments->matrix ? verify_matrix(*arguments) : run_verify(*arguments);
  });
}

}  // namespace emu::cli
