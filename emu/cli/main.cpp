// SPDX-License-Identifier: Apache-2.0
// emu/cli/main.cpp — the `lazuli` command: reads arguments, runs one subcommand, says what failed.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "emu/cli/command.hpp"

namespace {

using emu::cli::Exit;

/// One line a level, outermost first.
void print_error(const std::exception& error, int level) {
  fmt::print(stderr, "{:{}}{}{}\n", "", level * 2, level == 0 ? "error: " : "", error.what());
  try {
    std::rethrow_if_nested(error);
  } catch (const std::exception& cause) {
    print_error(cause, level + 1);
  }
}

/// The words of the command line, last one first as CLI11 takes them. The `--` of `lazuli exec NODE -- COMMAND` is for the reader's
/// eyes: with it or without it, the command begins at the first word that is neither an option nor the node.
std::vector<std::string> arguments(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  if (const auto dashes = std::ranges::find(words, "--"); dashes != words.end() && words.front() == "exec") words.erase(dashes);
  std::ranges::reverse(words);
  return words;
}

int run(int argc, char** argv) {
  CLI::App app{"Lazuli: Azure virtual networks that forward real packets on this machine", "lazuli"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "lazuli " LAZULI_VERSION);
  app.failure_message(CLI::FailureMessage::simple);
  Exit status = Exit::Done;
  for (const auto add : {emu::cli::add_up,           emu::cli::add_plan,
                         emu::cli::add_down,         emu::cli::add_list,
                         emu::cli::add_status,       emu::cli::add_graph,
                         emu::cli::add_exec,         emu::cli::add_shell,
                         emu::cli::add_routes,       emu::cli::add_next_hop,
                         emu::cli::add_rules,        emu::cli::add_ip_flow,
                         emu::cli::add_flow_log,     emu::cli::add_logs,
                         emu::cli::add_wait,         emu::cli::add_restart,
                         emu::cli::add_verify,       emu::cli::add_trace,
                         emu::cli::add_capture,      emu::cli::add_doctor,
                         emu::cli::add_ipsec_daemon, emu::cli::add_flow_log_collector})
    add(app, status);
  try {
    app.parse(arguments(argc, argv));
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? static_cast<int>(Exit::Done) : static_cast<int>(Exit::WrongInput);
  } catch (const emu::cli::UsageError& wrong) {
    print_error(wrong, 0);
    return static_cast<int>(Exit::WrongInput);
  }
  return static_cast<int>(status);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    print_error(error, 0);
    return static_cast<int>(Exit::Failed);
  }
}
