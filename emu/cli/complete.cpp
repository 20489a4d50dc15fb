// SPDX-License-Identifier: Apache-2.0
// emu/cli/complete.cpp — `lazuli complete -- WORD...`: what may stand for the last word, for the completion of shells. They ask this
// program, so what they offer is what it takes and what runs.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emu/cli/command.hpp"
#include "emu/cli/help.hpp"
#include "emu/lab/lab.hpp"
#include "emu/lab/store.hpp"

namespace emu::cli {
namespace {

/// What stands before the word that is typed.
struct Before {
  const CLI::App* command = nullptr;
  const CLI::Option* option = nullptr;  ///< whose value the word is
  std::size_t arguments = 0;            ///< how many of the command's own are there
  std::string lab;                      ///< of -l
  bool has_dashes = false;              ///< the word is another program's
};

/// A word, and what it means; empty for what explains itself.
struct Offer {
  std::string word;
  std::string meaning = {};
};

using Offers = std::vector<Offer>;

const CLI::Option* option_named(const CLI::App* command, const std::string& word) {
  const auto* option = command == nullptr || !word.starts_with("-") ? nullptr : command->get_option_no_throw(word);
  return option != nullptr && option->get_items_expected_max() > 0 ? option : nullptr;
}

Before read_words(const CLI::App& app, const std::vector<std::string>& words) {
  // Before the command there is only -l, and each that has it means the same.
  const auto* elsewhere = find_command(app, "status");
  Before before;
  for (std::size_t i = 0; i < words.size() && !before.has_dashes; ++i) {
    const auto& word = words[i];
    if (const auto* option = option_named(before.command == nullptr ? elsewhere : before.command, word)) {
      if (++i == words.size())
        before.option = option;
      else if (option->check_lname("lab"))
        before.lab = words[i];
    } else if (word == "--") {
      before.has_dashes = true;
    } else if (!word.starts_with("-")) {
      if (before.command != nullptr)
        ++before.arguments;
      else if ((before.command = find_command(app, word)) == nullptr)
        before.has_dashes = true;
    }
  }
  return before;
}

const CLI::Option* argument_at(const CLI::App& command, std::size_t at) {
  const auto arguments = command.get_options([](const CLI::Option* option) { return option->get_positional(); });
  return at < arguments.size() ? arguments[at] : nullptr;
}

Offers labs() {
  Offers offers;
  for (auto& lab : list_labs()) offers.push_back({std::move(lab)});
  return offers;
}

void add_nodes(const std::string& lab, const std::string& prefix, Offers& offers) try {
  if (const auto model = load_model(lab))
    for (const auto& node : nodes_of(*model)) offers.push_back({prefix + node});
} catch (const DamagedLab&) {  // NOLINT(bugprone-empty-catch): nothing is known of its nodes
}

/// `NODE` where it is clear which lab is meant, `LAB/NODE` otherwise.
Offers nodes(const Before& before, const std::string& word) {
  const char* variable = std::getenv("LAZULI_LAB");
  const std::string named = !before.lab.empty() || variable == nullptr ? before.lab : variable;
  const auto labs = list_labs();
  Offers offers;
  for (const auto& lab : labs) {
    const bool is_meant = named.empty() ? labs.size() == 1 : lab == named;
    if (word.find('/') != std::string::npos || (named.empty() && !is_meant))
      add_nodes(lab, lab + '/', offers);
    else if (is_meant)
      add_nodes(lab, {}, offers);
  }
  return offers;
}

Offers commands(const CLI::App& app) {
  Offers offers;
  for (const auto* command : app.get_subcommands(is_shown)) offers.push_back({command->get_name(), command->get_description()});
  return offers;
}

Offers options(const CLI::App& command) {
  Offers offers;
  for (const auto* option : command.get_options()) {
    for (const auto& name : option->get_lnames()) offers.push_back({"--" + name, option->get_description()});
    for (const auto& name : option->get_snames()) offers.push_back({"-" + name, option->get_description()});
  }
  return offers;
}

/// Of `FORMAT:{text,svg}`.
Offers words_in_braces(const std::string& type) {
  Offers offers;
  const auto open = type.find('{');
  const auto close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return offers;
  for (auto start = open + 1; start < close;) {
    const auto end = std::min(type.find(',', start), close);
    offers.push_back({type.substr(start, end - start)});
    start = end + 1;
  }
  return offers;
}

/// Nothing where it may be any word, or a file: those the shell knows.
Offers values(const CLI::App& app, const CLI::App& command, const CLI::Option& option, const Before& before, const std::string& word) {
  constexpr std::array<std::string_view, 5> kNodes{"node", "target", "address", "remote", "in"};
  constexpr std::array<std::string_view, 2> kLabs{"lab", "source"};
  const auto& name = option.get_single_name();
  const bool is_node = std::ranges::find(kNodes, name) != kNodes.end();
  const bool is_lab = std::ranges::find(kLabs, name) != kLabs.end();
  if (command.get_name() == "help") return commands(app);
  if (!is_node && !is_lab) return words_in_braces(option.get_type_name());
  require_root(command);
  return is_node ? nodes(before, word) : labs();
}

Offers offers_for(const CLI::App& app, const Before& before, const std::string& word) {
  if (before.has_dashes) return {};
  const auto& command = before.command == nullptr ? app : *before.command;
  if (before.option != nullptr) return values(app, command, *before.option, before, word);
  if (word.starts_with("-")) return options(command);
  if (before.command == nullptr) return commands(app);
  const auto* argument = argument_at(command, before.arguments);
  return argument == nullptr ? Offers{} : values(app, command, *argument, before, word);
}

}  // namespace

void add_complete(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("complete", "What may stand for the last word; shells ask it")->group("");
  const auto words = std::make_shared<std::vector<std::string>>();
  command->add_option("words", *words)->required();
  command->callback([=, &app, &status] {
    const auto word = words->back();
    words->pop_back();
    for (const auto& offer : offers_for(app, read_words(app, *words), word))
      if (offer.word.starts_with(word)) fmt::print("{}\t{}\n", offer.word, offer.meaning);
    status = Exit::Done;
  });
}

}  // namespace emu::cli
