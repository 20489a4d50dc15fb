// SPDX-License-Identifier: Apache-2.0
#include "emu/report/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "emu/report/table.hpp"

namespace emu {
namespace {

constexpr std::size_t kNarrowest = 20;  // of the text itself, however deep it is indented

Terminal& current_terminal() {
  static Terminal current;
  return current;
}

}  // namespace

const Terminal& terminal() { return current_terminal(); }

void set_terminal(Terminal terminal) { current_terminal() = std::move(terminal); }

std::string command_text(std::string_view words) { return fmt::format("{} {}", terminal().program, words); }

std::string command_text_without_root(std::string_view words) {
  constexpr std::string_view kSudo = "sudo ";
  std::string_view program = terminal().program;
  if (program.starts_with(kSudo)) program.remove_prefix(kSudo.size());
  return fmt::format("{} {}", program, words);
}

std::string in_shells_quotes(const std::string& word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-@%:,=";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + '\'';
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t hanging) {
  const auto width = terminal().width;
  std::string out(indent, ' ');
  if (width == 0) return out.append(text);
  auto column = indent;
  bool first = true;
  while (!text.empty()) {
    const auto start = std::min(text.find_first_not_of(' '), text.size());
    const auto end = std::min(text.find(' ', start), text.size());
    // Spaces inside a line stay as they are: they may set columns apart.
    const auto spaces = first ? 0 : start;
    const auto word = text.substr(start, end - start);
    const auto needed = spaces + display_width(word);
    if (!first && column + needed > std::max(width, hanging + kNarrowest)) {
      out.append(1, '\n').append(hanging, ' ').append(word);
      column = hanging + display_width(word);
    } else {
      out.append(spaces, ' ').append(word);
      column += needed;
    }
    first = false;
    text.remove_prefix(end);
  }
  return out;
}

}  // namespace emu
