// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario/yaml_faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "emu/model/wording.hpp"
#include "emu/scenario/foreign_words.hpp"

namespace emu {
namespace {

std::string_view line_of(std::string_view text, int line) {
  for (; line > 1 && !text.empty(); --line) text.remove_prefix(std::min(text.size(), text.find('\n') + 1));
  return text.substr(0, text.find('\n'));
}

constexpr std::string_view kOpenBrace = "this '{' is not closed";
constexpr std::string_view kOpenBracket = "this '[' is not closed";
constexpr std::string_view kColonHere = "a ':' cannot stand here";
constexpr std::string_view kWrongBracket = "this bracket does not close the one that is open";
constexpr std::string_view kQuoteIt = "write the text in quotes";
constexpr std::string_view kTabIndents = "this line is indented with a tab";
constexpr std::string_view kSpacesIndent = "YAML is indented with spaces: write 2 of them for each tab";

struct ParserMessage {
  std::string_view parsers;  ///< as yaml-cpp words its start
  std::string_view ours;
  std::string_view hint;
};

constexpr std::string_view kIndentation = "things of one kind start in the same column, what belongs to them 2 columns further right";
constexpr std::string_view kColonInText = "one key a line; a text with ': ' in it needs quotes";

constexpr std::array kParserMessages{
    ParserMessage{"end of map not found", "this line does not continue the mapping above it", kIndentation},
    ParserMessage{"end of sequence not found", "this line does not continue the list above it", kIndentation},
    ParserMessage{"end of map flow not found", kOpenBrace, "write '}' where it ends, and ',' between what is in it"},
    ParserMessage{"end of sequence flow not found", kOpenBracket, "write ']' where it ends, and ',' between what is in it"},
    ParserMessage{"illegal map value", kColonHere, kColonInText},
    ParserMessage{"illegal map key", "a key cannot start here", kIndentation},
    ParserMessage{"illegal block entry", "a list item cannot start here", "write the list's items below its key, each with '- ' in front"},
    ParserMessage{"illegal flow end", kWrongBracket, "take it out, or open one like it before"},
    ParserMessage{"illegal EOF in scalar", kOpenQuote, "write the same quote where the text ends"},
    ParserMessage{"illegal document indicator in scalar", kOpenQuote, "write the same quote where the text ends"},
    ParserMessage{"alias not found after *", "a '*' without quotes starts a YAML alias", kQuoteIt},
    ParserMessage{"illegal character found while scanning alias", "a '*' without quotes starts a YAML alias", kQuoteIt},
    ParserMessage{"the referenced anchor is not defined", "a '*' without quotes starts a YAML alias", kQuoteIt},
    ParserMessage{"anchor not found after &", "a '&' without quotes starts a YAML anchor", kQuoteIt},
    ParserMessage{"illegal character found while scanning anchor", "a '&' without quotes starts a YAML anchor", kQuoteIt},
    ParserMessage{"cannot assign multiple anchors", "a '&' without quotes starts a YAML anchor", kQuoteIt},
    ParserMessage{"cannot assign multiple tags", "a '!' without quotes starts a YAML tag", kQuoteIt},
    ParserMessage{"unknown token", "a text cannot start with this character", kQuoteIt},
    ParserMessage{"unknown escape character", "in double quotes a '\\' starts an escape, and there is none like this",
                  "write the text in single quotes, or \\\\ for each \\"},
    ParserMessage{"bad character found while scanning hex number", "in double quotes \\x, \\u and \\U need 2, 4 and 8 hexadecimal digits",
                  "write the text in single quotes, or \\\\ for each \\"},
    ParserMessage{"invalid unicode", "no character has this number", "write the character itself"},
    ParserMessage{"illegal tab when looking for indentation", kTabIndents, kSpacesIndent},
};

constexpr std::string_view kBlanks = " \t";

std::string_view indentation_of(std::string_view line) { return line.substr(0, std::min(line.size(), line.find_first_not_of(kBlanks))); }

bool is_empty_or_comment(std::string_view line) {
  const auto start = line.find_first_not_of(" \t\r");
  return start == std::string_view::npos || line[start] == '#';
}

bool is_word(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && std::ranges::all_of(text, is_letter) && (text.front() < '0' || text.front() > '9');
}

/// The value behind `key` as a hint shows it.
std::string shown(std::string_view key, std::string_view value) {
  if (names_secret(key)) value = "...";
  return printable(value.substr(0, std::min(value.size(), value.find_first_of("\r\n"))));
}

/// `{name: net, address_space:[10.0.0.0/16]}`
std::optional<YamlFault> fault_before_bracket(std::string_view line, int number) {
  for (std::size_t colon = line.find(':'); colon != std::string_view::npos; colon = line.find(':', colon + 1)) {
    if (colon + 1 == line.size() || (line[colon + 1] != '[' && line[colon + 1] != '{')) continue;
    const auto before = line.substr(0, colon);
    const auto key = before.substr(before.find_last_of(" {[,\t") + 1);  // npos + 1 is 0
    if (!is_word(key)) continue;
    return YamlFault{
        {number, static_cast<int>(colon) + 1}, "a blank is missing behind ':'", fmt::format("write {}: {}...", key, line[colon + 1])};
  }
  return std::nullopt;
}

/// What is wrong with a line that keeps a parser from reading it or the lines after it; nullopt when it looks right.
std::optional<YamlFault> fault_in_line(std::string_view line, int number) {
  const auto indentation = indentation_of(line);
  if (const auto tab = indentation.find('\t'); tab != std::string_view::npos)
    return YamlFault{{number, static_cast<int>(tab) + 1}, std::string(kTabIndents), std::string(kSpacesIndent)};
  for (const auto* mark : {"<<<<<<< ", "=======", ">>>>>>> "})
    if (line.starts_with(mark))
      return YamlFault{{number, 1}, "a conflict that git left behind", "keep the lines of one side, and take this line out"};
  if (line.starts_with("```")) return YamlFault{{number, 1}, "a line of Markdown", "a lab file has no ``` lines: take them out"};
  auto at = indentation.size();
  auto rest = line.substr(at);
  for (const std::string_view dash : {"\u2013 ", "\u2014 ", "\u2212 ", "\u2022 ", "* ", "+ "})
    if (rest.starts_with(dash))
      return YamlFault{{number, static_cast<int>(at) + 1},
                       "a list item starts with '- '",
                       fmt::format("write - {}", shown(rest, rest.substr(dash.size())))};
  if (rest.size() > 1 && rest[0] == '-' && rest.find(':') != std::string_view::npos &&
      (is_word(rest.substr(1, 1)) || rest[1] == '{' || rest[1] == '['))
    return YamlFault{
        {number, static_cast<int>(at) + 1}, "a blank is missing behind '-'", fmt::format("write - {}", shown(rest, rest.substr(1)))};
  while (rest.starts_with("- ")) {
    const auto next = rest.find_first_not_of(kBlanks, 1);
    if (next == std::string_view::npos) return std::nullopt;
    at += next;
    rest.remove_prefix(next);
  }
  const auto colon = rest.find(':');
  if (colon == std::string_view::npos) {
    const auto equals = rest.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    auto key = rest.substr(0, equals);
    while (key.ends_with(' ')) key.remove_suffix(1);
    const auto value = rest.find_first_not_of(kBlanks, equals + 1);
    if (!is_word(key)) return std::nullopt;
    return YamlFault{{number, static_cast<int>(at + equals) + 1},
                     "a '=' where a key ends with ':'",
                     fmt::format("write {}: {}", key, value == std::string_view::npos ? "" : shown(key, rest.substr(value)))};
  }
  const auto behind = rest.substr(colon + 1, 1);
  if (!is_word(rest.substr(0, colon)) || behind.empty() || std::string_view(" \t\r/").find(behind.front()) != std::string_view::npos)
    return fault_before_bracket(line, number);
  return YamlFault{{number, static_cast<int>(at + colon) + 1},
                   "a blank is missing behind ':'",
                   fmt::format("write {}: {}", rest.substr(0, colon), shown(rest.substr(0, colon), rest.substr(colon + 1)))};
}

/// A line, and the last one before it that holds anything; number 0 when none does.
struct LineAndAbove {
  std::string_view line;
  std::string_view above;
  int number_above = 0;
};

LineAndAbove line_and_above(std::string_view text, int number) {
  LineAndAbove found;
  for (int i = 1; !text.empty(); ++i) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (i == number) {
      found.line = line;
      break;
    }
    if (is_empty_or_comment(line)) continue;
    found.above = line;
    found.number_above = i;
  }
  return found;
}

/// The text that stands behind the key in the line before `column`, as it is to be written: `protocol: '*'`.
std::string in_quotes_at(std::string_view line, int column) {
  const auto start = std::min(line.size(), static_cast<std::size_t>(std::max(column, 1)) - 1);
  auto word = line.substr(start, std::min(line.size(), line.find_first_of(" ,]}\t\r", start)) - start);
  while (word.ends_with(',')) word.remove_suffix(1);
  auto before = line.substr(0, start);
  while (before.ends_with(' ')) before.remove_suffix(1);
  if (!before.ends_with(':')) return fmt::format("write '{}', with the quotes", printable(word));
  before.remove_suffix(1);
  if (names_secret(before)) word = "...";
  const auto key = before.substr(before.find_last_of(" {,\t") + 1);  // npos + 1 is 0
  return fmt::format("write {}: '{}', with the quotes", printable(key), printable(word));
}

/// Whether a line starts further right than the key of the line above it, although that key has a value.
bool is_indented_too_far(std::string_view text, int number) {
  const auto lines = line_and_above(text, number);
  const auto key = lines.above.find_first_not_of(" -");
  const auto colon = lines.above.find(": ");
  return key != std::string_view::npos && colon != std::string_view::npos &&
         lines.above.find_first_not_of(" \r", colon + 1) != std::string_view::npos && indentation_of(lines.line).size() > key;
}

/// Whether a line starts in the column of the `-` of the line above it, and is no list item itself.
bool is_below_dash(std::string_view text, int number) {
  const auto lines = line_and_above(text, number);
  const auto at = indentation_of(lines.line).size();
  return indentation_of(lines.above).size() == at && lines.above.substr(at).starts_with("- ") && !lines.line.substr(at).starts_with('-');
}

}  // namespace

bool names_secret(std::string_view key) {
  const auto folded = folded_word(key);
  constexpr auto kSecrets = std::to_array<std::string_view>({"sharedkey", "psk", "password", "secret"});
  return std::ranges::any_of(kSecrets, [&](std::string_view word) { return folded.find(word) != std::string::npos; });
}

bool is_closed(std::string_view text) {
  const char quote = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\')
      ++i;
    else if (text[i] == quote && quote == '\'' && text.substr(i + 1, 1) == "'")
      ++i;
    else if (text[i] == quote)
      return true;
  }
  return false;
}

std::optional<YamlFault> fault_before(std::string_view text, int number) {
  const auto lines = line_and_above(text, number);
  if (auto fault = fault_in_line(lines.line, number)) return fault;
  if (lines.number_above == 0) return std::nullopt;
  if (auto fault = fault_in_line(lines.above, lines.number_above)) return fault;
  const auto indentation = indentation_of(lines.above).size();
  auto word = lines.above.substr(indentation);
  while (!word.empty() && (word.back() == ' ' || word.back() == '\r')) word.remove_suffix(1);
  if (!is_word(word)) return std::nullopt;
  return YamlFault{{lines.number_above, static_cast<int>(indentation + word.size()) + 1},
                   "a ':' is missing behind a key",
                   fmt::format("write {}:", word)};
}

std::optional<YamlFault> fault_in_language(std::string_view text) {
  for (int number = 1; !text.empty(); ++number) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (is_empty_or_comment(line) || line.starts_with("//")) continue;
    const bool opens = line.find('{') != std::string_view::npos || line.find('=') != std::string_view::npos;
    for (const auto* word : {"resource ", "terraform ", "provider ", "module ", "variable ", "locals ", "data ", "param ", "targetScope "})
      if (line.starts_with(word) && opens)
        return YamlFault{{number, 1}, "this looks like Terraform or Bicep", "a lab file is YAML: docs/lab-file.md shows one"};
    return std::nullopt;
  }
  return std::nullopt;
}

YamlFault explain_parser(std::string_view parser_message, Position position, std::string_view text, std::optional<Position> open_bracket) {
  YamlFault stop{position, fmt::format("this is not YAML: {}", printable(parser_message)), ""};
  if (auto fault = fault_in_language(text)) return std::move(*fault);
  if (auto fault = fault_before(text, stop.position.line)) return std::move(*fault);
  const auto known =
      std::ranges::find_if(kParserMessages, [&](const auto& message) { return parser_message.starts_with(message.parsers); });
  if (known == kParserMessages.end()) return stop;
  stop.message = known->ours;
  stop.hint = known->hint;
  if (open_bracket && (known->ours == kOpenBrace || known->ours == kOpenBracket)) stop.position = *open_bracket;
  const auto line = line_of(text, stop.position.line);
  const auto start_of_line = static_cast<int>(indentation_of(line).size()) + 1;
  if (stop.hint == kQuoteIt) {
    // Of `*` and `&` the parser marks what stands behind them.
    const auto before = static_cast<std::size_t>(std::max(stop.position.column - 2, 0));
    if (stop.position.column > 1 && before < line.size() && (line[before] == '*' || line[before] == '&')) --stop.position.column;
    stop.hint = in_quotes_at(line, stop.position.column);
  } else if (known->ours == kWrongBracket && open_bracket) {
    stop.hint = fmt::format("close the one in line {}, column {} first", open_bracket->line, open_bracket->column);
  } else if (known->ours == kColonHere && is_indented_too_far(text, stop.position.line)) {
    stop = {{stop.position.line, start_of_line},
            "this line starts further right than the key above it, which has its value",
            std::string(kIndentation)};
  } else if (known->hint == kIndentation && stop.position.column > start_of_line &&
             line.substr(static_cast<std::size_t>(stop.position.column) - 1, 1) == ",") {
    stop.message = "a ',' behind the end of a value";
    stop.hint = "take it out: only in brackets is there a ',' between things";
  } else if (known->hint == kIndentation && is_below_dash(text, stop.position.line)) {
    stop.message = "this line is in the column of the '-' above it";
    stop.hint = "write it 2 columns further right, below the key behind the '-'";
  } else if (known->hint == kIndentation && stop.position.column > start_of_line) {
    stop.message = "something stands behind the end of a value";
    stop.hint = "a text in quotes ends at its second quote; a ' in single quotes is written ''";
  }
  return stop;
}

}  // namespace emu
