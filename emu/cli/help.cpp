// SPDX-License-Identifier: Apache-2.0
// emu/cli/help.cpp — `lazuli help [COMMAND]`, `--help`, and guesses at mistyped words.
#include "emu/cli/help.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>
#include <vector>

#include "emu/cli/command.hpp"
#include "emu/model/wording.hpp"
#include "emu/report/table.hpp"
#include "emu/report/terminal.hpp"

namespace emu::cli {
namespace {

/// What other programs call a command.
constexpr std::array kOtherNames{
    std::pair{"apply", "up"},         std::pair{"create", "up"},     std::pair{"deploy", "up"},         std::pair{"start", "up"},
    std::pair{"build", "up"},         std::pair{"destroy", "down"},  std::pair{"delete", "down"},       std::pair{"remove", "down"},
    std::pair{"rm", "down"},          std::pair{"stop", "down"},     std::pair{"clean", "down"},        std::pair{"ls", "list"},
    std::pair{"ps", "list"},          std::pair{"labs", "list"},     std::pair{"show", "status"},       std::pair{"inspect", "status"},
    std::pair{"info", "status"},      std::pair{"ssh", "shell"},     std::pair{"sh", "shell"},          std::pair{"login", "shell"},
    std::pair{"attach", "shell"},     std::pair{"ping", "exec"},     std::pair{"curl", "exec"},         std::pair{"diff", "plan"},
    std::pair{"preview", "plan"},     std::pair{"what-if", "plan"},  std::pair{"validate", "check"},    std::pair{"lint", "check"},
    std::pair{"test", "verify"},      std::pair{"matrix", "verify"}, std::pair{"draw", "graph"},        std::pair{"tcpdump", "capture"},
    std::pair{"traceroute", "trace"}, std::pair{"nsg", "rules"},     std::pair{"version", "--version"},
};

/// What is so of every command.
constexpr std::array kNotes{
    "A lab is named by -l LAB, before or after anything; by LAB/NODE wherever a node is named; by the argument LAB; or by $LAZULI_LAB. "
    "None "
    "is needed when one lab runs.",
    "A lab file is a file, a folder with a lab.yaml, or - for the standard input; without one it is ./lab.yaml.",
    "Exit status: 0 done, 1 failed, 2 wrong input or usage, 3 a check did not hold. exec and shell end with the command's own; 125 when "
    "lazuli failed, 126 and 127 when the command cannot be run or found.",
};

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

/// `NODE`, `[LAB]`
std::string argument_text(const CLI::Option& option) {
  const auto name = upper(option.get_name());
  return option.get_required() ? name : fmt::format("[{}]", name);
}

/// `-l,--lab LAB`
std::string option_text(const CLI::Option& option) {
  auto text = option.get_name(false, true);
  if (option.get_items_expected_max() == 0) return text;
  const auto type = option.get_type_name();
  const auto own = type.substr(0, type.find(':'));
  const bool says_nothing = own.empty() || own == "TEXT" || own == "FLOAT" || own == "INT" || own == "UINT";
  return fmt::format("{} {}", text, says_nothing ? upper(option.get_single_name()) : own);
}

std::string meaning(const CLI::Option& option) {
  const auto value = option.get_default_str();
  return value.empty() ? option.get_description() : fmt::format("{} (default {})", option.get_description(), value);
}

std::string list_of_commands(const CLI::App& app) {
  Table table{kIndent};
  for (const auto* command : app.get_subcommands(is_shown)) table.add({command->get_name(), command->get_description()});
  return table.text();
}

std::string whole_help(const CLI::App& app) {
  std::string out = wrapped(app.get_description(), 0, 0) + '\n';
  out += fmt::format("\nusage: {} COMMAND [ARGUMENT...]\n\n{}\n", app.get_name(), list_of_commands(app));
  for (const auto* line : kNotes) out += wrapped(line, 0, 0) + '\n';
  return out + fmt::format("\n'{} help COMMAND' tells more of one, '{} --version' the version.\n", app.get_name(), app.get_name());
}

/// `exec NODE [--] COMMAND [ARGUMENT...] [OPTION...]`
std::string synopsis(const CLI::App& command) {
  auto text = command.get_name();
  for (const auto* option : command.get_options())
    if (option->get_positional()) text += ' ' + argument_text(*option);
  if (command.get_prefix_command()) text += " [--] COMMAND [ARGUMENT...]";
  return text + " [OPTION...]";
}

/// Without the program's name.
std::vector<std::string> examples_of(const CLI::App& command) {
  std::vector<std::string> examples;
  std::istringstream lines{command.get_footer()};
  for (std::string line; std::getline(lines, line);) examples.push_back(line);
  return examples;
}

std::string help_of(const CLI::App& command) {
  Table arguments{kIndent};
  Table options{kIndent};
  for (const auto* option : command.get_options()) {
    if (option->get_positional())
      arguments.add({argument_text(*option), option->get_description()});
    else
      options.add({option_text(*option), meaning(*option)});
  }
  auto out = wrapped(command.get_description(), 0, 0) + "\n\n" + wrapped("usage: lazuli " + synopsis(command), 0, 2) + '\n';
  if (const auto text = arguments.text(); !text.empty()) out += '\n' + text;
  if (const auto text = options.text(); !text.empty()) out += "\noptions\n" + text;
  const auto examples = examples_of(command);
  if (!examples.empty()) out += "\nexamples\n";
  for (const auto& example : examples) out += fmt::format("  {}\n", command_text(example));
  return out;
}

nlohmann::ordered_json json_of(const CLI::App& command) {
  nlohmann::ordered_json out{{"name", command.get_name()},         {"description", command.get_description()},
                             {"synopsis", synopsis(command)},      {"arguments", nlohmann::json::array()},
                             {"options", nlohmann::json::array()}, {"examples", examples_of(command)}};
  for (const auto* option : command.get_options()) {
    if (option->get_positional())
      out["arguments"].push_back({{"name", argument_text(*option)}, {"description", option->get_description()}});
    else
      out["options"].push_back({{"name", option_text(*option)}, {"description", meaning(*option)}});
  }
  return out;
}

/// The help of everything.
nlohmann::ordered_json whole_json(const CLI::App& app) {
  nlohmann::ordered_json out{{"description", app.get_description()}, {"commands", nlohmann::json::array()}, {"notes", kNotes}};
  for (const auto* command : app.get_subcommands(is_shown)) out["commands"].push_back(json_of(*command));
  return out;
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string /*name*/, CLI::AppFormatMode /*mode*/) const {
  return app->get_parent() == nullptr ? whole_help(*app) : help_of(*app);
}

bool is_shown(const CLI::App* command) { return !command->get_group().empty(); }

const CLI::App* find_command(const CLI::App& app, const std::string& word) {
  const auto found = app.get_subcommands([&](const CLI::App* command) { return command->get_name() == word; });
  return found.empty() ? nullptr : found.front();
}

std::string guess_command(const CLI::App& app, const std::string& word) {
  for (const auto& [other, ours] : kOtherNames)
    if (same_name(word, other)) return ours;
  std::vector<std::string_view> names;
  for (const auto* command : app.get_subcommands(is_shown)) names.emplace_back(command->get_name());
  return std::string(nearest(word, names).value_or(""));
}

std::string unexpected_text(const CLI::App& command, const std::string& word) {
  std::vector<std::string> options;
  for (const auto* option : command.get_options())
    if (!option->get_positional())
      for (const auto& name : option->get_lnames()) options.push_back("--" + name);
  const std::vector<std::string_view> candidates(options.begin(), options.end());
  const auto name = word.substr(0, word.find('='));
  return fmt::format("'lazuli {}' takes no {}{}; '{}' tells what it takes", command.get_name(), in_quotes(word),
                     word.starts_with("-") ? did_you_mean(name, candidates) : "", command_text_without_root("help " + command.get_name()));
}

void add_help(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("help", "The list of commands, or all about one of them");
  const auto about = std::make_shared<std::string>();
  command->add_option("command", *about, "The command");
  const auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "As JSON");
  add_examples(*command, {"help trace"});
  command->callback([=, &app, &status] {
    const auto* found = about->empty() ? &app : find_command(app, *about);
    if (found == nullptr) {
      const auto guess = guess_command(app, *about);
      throw UsageError(fmt::format("there is no command {}{}; '{}' lists them all", in_quotes(*about),
                                   guess.empty() ? "" : fmt::format(" (did you mean {}?)", in_quotes(guess)),
                                   command_text_without_root("help")));
    }
    if (*as_json)
      fmt::print("{}\n", (found == &app ? whole_json(app) : json_of(*found)).dump(2));
    else
      fmt::print("{}", HelpFormatter{}.make_help(found, {}, CLI::AppFormatMode::Normal));
    status = Exit::Done;
  });
}

}  // namespace emu::cli
