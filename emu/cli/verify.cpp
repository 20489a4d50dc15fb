// SPDX-License-Identifier: Apache-2.0
// emu/cli/verify.cpp — `lazuli verify [LAB]`: runs the lab's checks.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "emu/cli/command.hpp"
#include "emu/verify/report.hpp"
#include "emu/verify/verify.hpp"

namespace emu::cli {
namespace {

struct Arguments {
  std::string lab;
  bool as_json = false;
  std::string junit;
};

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file{path, std::ios::trunc};
  file << text;
  file.close();
  if (file.fail()) throw std::runtime_error(fmt::format("cannot write {}", path));
}

Exit run_verify(const Arguments& arguments) {
  const auto model = running_lab(arguments.lab);
  const auto start = std::chrono::steady_clock::now();
  const auto results = run_checks(model);
  const auto elapsed = std::chrono::steady_clock::now() - start;
  if (!arguments.junit.empty()) write_file(arguments.junit, junit_report(model.lab, results, elapsed));
  const bool colour = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  fmt::print("{}", arguments.as_json ? json_report(model.lab, results) : text_report(results, elapsed, colour));
  return std::ranges::all_of(results, &CheckResult::passed) ? Exit::Done : Exit::CheckFailed;
}

}  // namespace

void add_verify(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("verify", "Run the lab's checks with real packets");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("lab", arguments->lab, "Not needed when one lab runs");
  command->add_flag("--json", arguments->as_json, "As JSON");
  command->add_option("--junit", arguments->junit, "Also write JUnit XML to this file");
  command->callback([=, &status] {
    require_root(*command);
    status = run_verify(*arguments);
  });
}

}  // namespace emu::cli
