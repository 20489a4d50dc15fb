// SPDX-License-Identifier: Apache-2.0
// emu/cli/exec.cpp — `lazuli exec NODE -- COMMAND` and `lazuli shell NODE`.
//
// Both become the command: no process stands between it and the caller, so its input, output, terminal, signals and exit status
// are the caller's without further ado.
#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "emu/cli/command.hpp"
#include "emu/lab/lab.hpp"
#include "emu/model/wording.hpp"

namespace emu::cli {
namespace {

struct ExecArguments {
  NodeWords words;
  std::vector<std::string> environment;
};

/// What stands behind the node.
std::vector<std::string> command_in(const CLI::App& command) {
  auto words = command.remaining();
  if (words.empty()) throw UsageError("which command? lazuli exec NODE -- COMMAND [ARGUMENT...]");
  if (words.front().starts_with("-"))
    throw UsageError(fmt::format("{} is no option of 'lazuli exec': those of the command come after its name", in_quotes(words.front())));
  return words;
}

/// `-e NAME=VALUE`
void set_variables(const std::vector<std::string>& settings) {
  for (const auto& setting : settings) {
    const auto equals = setting.find('=');
    if (equals == 0 || equals == std::string::npos)
      throw UsageError(fmt::format("{} sets no variable: write -e NAME=VALUE", in_quotes(setting)));
    ::setenv(setting.substr(0, equals).c_str(), setting.c_str() + equals + 1, 1);
  }
}

/// Comes back only when the command cannot be run.
Exit become(const ExecArguments& arguments, std::vector<std::string> command) {
  const auto [model, node] = running_node(arguments.words);
  require_there(model, node);
  set_variables(arguments.environment);
  try {
    execute(model, node, std::move(command));
  } catch (const CannotRun& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    const bool is_missing = error.code().value() == ENOENT || error.code().value() == ENOTDIR;
    return is_missing ? Exit::NotFound : Exit::NotExecutable;
  }
}

void add_environment(CLI::App& command, std::vector<std::string>& environment) {
  command.add_option("-e,--env", environment, "Set a variable for the command; may be given several times")
      ->type_name("NAME=VALUE")
      ->type_size(1)
      ->allow_extra_args(false);
}

}  // namespace

void add_exec(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("exec", "Run a command in a node");
  const auto arguments = std::make_shared<ExecArguments>();
  add_node_words(*command, arguments->words, kAnyNode);
  add_environment(*command, arguments->environment);
  command->prefix_command();
  add_examples(*command, {"exec vm1 -- ping -c 3 10.2.0.4", "exec -e LANG=C two-vnets/vm1 -- curl -s http://10.2.0.4/"});
  command->callback([=, &status] {
    require_root(*command);
    status = become(*arguments, command_in(*command));
  });
}

void add_shell(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("shell", "A shell in a node");
  const auto arguments = std::make_shared<ExecArguments>();
  add_node_words(*command, arguments->words, kAnyNode);
  add_environment(*command, arguments->environment);
  add_examples(*command, {"shell vm1"});
  command->callback([=, &status] {
    require_root(*command);
    const char* shell = std::getenv("SHELL");
    status = become(*arguments, {shell == nullptr || *shell == '\0' ? "/bin/sh" : shell});
  });
}

}  // namespace emu::cli
