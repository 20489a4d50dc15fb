// SPDX-License-Identifier: Apache-2.0
// emu/cli/exec.cpp — `lazuli exec NODE -- COMMAND` and `lazuli shell NODE`.
//
// Both become the command: no process stands between it and the caller, so its input, output, terminal, signals and exit status
// are the caller's without further ado.
#include <cstdlib>
#include <memory>

#include "emu/cli/command.hpp"
#include "emu/lab/lab.hpp"

namespace emu::cli {
namespace {

struct ExecArguments {
  std::string lab;
  std::string node;
};

/// What stands behind the node.
std::vector<std::string> command_in(const CLI::App& command) {
  auto words = command.remaining();
  if (words.empty()) throw UsageError("which command? lazuli exec NODE -- COMMAND [ARGUMENT...]");
  return words;
}

void become(const ExecArguments& arguments, std::vector<std::string> command) {
  const auto model = running_lab(arguments.lab);
  execute(model, require_node(model, arguments.node), std::move(command));
}

}  // namespace

void add_exec(CLI::App& app, Exit&) {
  auto* command = app.add_subcommand("exec", "Run a command in a node: lazuli exec NODE -- COMMAND [ARGUMENT...]");
  const auto arguments = std::make_shared<ExecArguments>();
  add_lab_option(*command, arguments->lab);
  command->add_option("node", arguments->node, kAnyNode)->required();
  command->prefix_command();
  command->callback([=] {
    require_root(*command);
    become(*arguments, command_in(*command));
  });
}

void add_shell(CLI::App& app, Exit&) {
  auto* command = app.add_subcommand("shell", "A shell in a node");
  const auto arguments = std::make_shared<ExecArguments>();
  add_lab_option(*command, arguments->lab);
  command->add_option("node", arguments->node, kAnyNode)->required();
  command->callback([=] {
    require_root(*command);
    const char* shell = std::getenv("SHELL");
    become(*arguments, {shell == nullptr || *shell == '\0' ? "/bin/sh" : shell});
  });
}

}  // namespace emu::cli
