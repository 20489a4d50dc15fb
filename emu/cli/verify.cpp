// SPDX-License-Identifier: Apache-2.0
// emu/cli/verify.cpp — `lazuli verify [LAB]`: runs the lab's checks; with --matrix predicts and proves every pair.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>

#include "emu/cli/command.hpp"
#include "emu/verify/matrix.hpp"
#include "emu/verify/matrix_report.hpp"
#include "emu/verify/report.hpp"
#include "emu/verify/verify.hpp"

namespace emu::cli {
namespace {

struct VerifyArguments {
  std::string lab;
  bool as_json = false;
  bool matrix = false;
  std::string junit;
  std::string html;
};

bool wants_colour() { return ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr; }

Exit run_verify(const VerifyArguments& arguments) {
  const auto model = running_lab(arguments.lab);
  const auto start = std::chrono::steady_clock::now();
  const auto results = run_checks(model);
  const auto elapsed = std::chrono::steady_clock::now() - start;
  if (!arguments.junit.empty()) write_file(arguments.junit, junit_report(model.lab, results, elapsed));
  fmt::print("{}", arguments.as_json ? json_report(model.lab, results) : text_report(results, elapsed, wants_colour()));
  return std::ranges::all_of(results, &CheckResult::passed) ? Exit::Done : Exit::CheckFailed;
}

Exit verify_matrix(const VerifyArguments& arguments) {
  const auto model = running_lab(arguments.lab);
  const auto matrix = run_matrix(model);
  if (!arguments.junit.empty()) write_file(arguments.junit, matrix_junit(model.lab, matrix));
  if (!arguments.html.empty()) write_file(arguments.html, matrix_html(model.lab, matrix));
  fmt::print("{}", arguments.as_json ? matrix_json(model.lab, matrix) : matrix_text(matrix, wants_colour()));
  if (matrix.disagreements != 0) return Exit::CheckFailed;
  return matrix.not_asked == 0 ? Exit::Done : Exit::Failed;
}

}  // namespace

void add_verify(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("verify", "Run the lab's checks with real packets");
  const auto arguments = std::make_shared<VerifyArguments>();
  command->add_option("lab", arguments->lab, "Not needed when one lab runs");
  auto* matrix =
      command->add_flag("--matrix", arguments->matrix, "Every pair of nodes instead: what Azure's rules say, and what packets do");
  command->add_flag("--json", arguments->as_json, "As JSON");
  command->add_option("--junit", arguments->junit, "Also write JUnit XML to this file");
  command->add_option("--html", arguments->html, "Also write the matrix as a web page to this file")->needs(matrix);
  command->callback([=, &status] {
    require_root(*command);
    status = arguments->matrix ? verify_matrix(*arguments) : run_verify(*arguments);
  });
}

}  // namespace emu::cli
