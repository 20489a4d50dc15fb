// SPDX-License-Identifier: Apache-2.0
// emu/cli/help.hpp — what `--help` and `lazuli help` print, as wide as the terminal.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace emu::cli {

/// Writes help in the program's own form: usage, arguments, options, examples; for the program itself its commands.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

/// Whether people are told of it: others are for the program itself.
bool is_shown(const CLI::App* command);

/// The command of that name; nullptr when there is none.
const CLI::App* find_command(const CLI::App& app, const std::string& word);

/// `status` for `staus`, `down` for `destroy`; empty when nothing is near.
std::string guess_command(const CLI::App& app, const std::string& word);

/// The message for words that a command does not take, with what may have been meant.
std::string unexpected_text(const CLI::App& command, const std::string& word);

}  // namespace emu::cli
