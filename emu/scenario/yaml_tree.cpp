// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario/yaml_tree.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <utility>

#include "emu/model/wording.hpp"
#include "emu/scenario/foreign_words.hpp"

namespace emu {
namespace {

using Kind = YamlNode::Kind;

Position position_of(const YAML::Mark& mark) { return mark.is_null() ? Position{} : Position{mark.line + 1, mark.column + 1}; }

/// An empty value is marked where the next thing stands, maybe lines below. What a person can see is the sign before it.
Position place_of_nothing(std::string_view text, const YAML::Mark& mark) {
  auto at = std::min(text.size(), static_cast<std::size_t>(std::max(mark.pos, 0)));
  while (at > 0 && std::string_view(" \r\n").find(text[at - 1]) != std::string_view::npos) --at;
  if (at == 0 || text[at - 1] != '-') return position_of(mark);
  const auto before = text.substr(0, at - 1);
  const auto line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto lines_below = std::ranges::count(text.substr(at, static_cast<std::size_t>(mark.pos) - at), '\n');
  return {mark.line + 1 - static_cast<int>(lines_below), static_cast<int>(at - line_start)};
}

/// Ends the parse; nothing after it could be trusted.
struct Stop {
  Position position;
  std::string message;
  std::string hint;
};

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, Diagnostics& diagnostics) : text_(text), diagnostics_(diagnostics) {}

  /// The document that was just handled; a node of kind Null when there was nothing in it.
  YamlNode take_root() { return std::exchange(root_, YamlNode{}); }

  /// Where the last scalar of the text began.
  const YAML::Mark& last_scalar() const { return last_scalar_; }

  /// The bracket that is open; nullopt when none is, or when it is not the innermost thing that is.
  std::optional<Position> open_bracket() const {
    return open_.empty() || !open_.back().in_brackets ? std::nullopt : std::optional(open_.back().node.position);
  }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto nothing = node(Kind::Null, mark);
    if (anchor != 0) {  // `shared_key: &x1`: the mark is behind the anchor
      refuse(mark, "'&' at the start makes this a YAML anchor, and leaves the value empty", "write a text that starts with '&' in quotes");
      nothing.kind = Kind::Refused;
      return add(std::move(nothing));
    }
    nothing.position = place_of_nothing(text_, mark);
    add(std::move(nothing));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    const bool merges = !open_.empty() && open_.back().key && open_.back().key->text == "<<";
    refuse(mark, merges ? "a lab file has no YAML merge keys" : "a lab file has no YAML aliases",
           merges ? "write the keys out here" : "write the value out here, or in quotes if it is a text that starts with '*'");
    add(node(Kind::Refused, mark));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/, const std::string& value) override {
    auto scalar = node(Kind::Scalar, mark);
    scalar.plain = tag == "?";
    scalar.text = value;
    last_scalar_ = mark;
    if (!check_tag(mark, tag)) scalar.kind = Kind::Refused;
    if (value.find('\0') != std::string::npos) {
      refuse(mark, "a text cannot hold a NUL character", "take the \\0 out");
      scalar.kind = Kind::Refused;
    }
    add(std::move(scalar));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value style) override {
    check_tag(mark, tag);
    open(node(Kind::Sequence, mark), style);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value style) override {
    check_tag(mark, tag);
    open(node(Kind::Mapping, mark), style);
  }
  void OnMapEnd() override { close(); }

 private:
  /// A sequence or mapping whose end has not come yet; of a mapping, the key whose value is awaited.
  struct Open {
    YamlNode node;
    std::optional<YamlNode> key;
    bool in_brackets = false;
    bool has_refused_key = false;
  };

  void refuse(const YAML::Mark& mark, std::string message, std::string hint) {
    diagnostics_.push_back({Severity::Error, position_of(mark), std::move(message), "", std::move(hint)});
  }

  /// The parser writes `?` for no tag and `!` for quotes.
  bool check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return true;
    refuse(mark, "a lab file has no YAML tags", "leave it out, or write a text that starts with '!' in quotes");
    return false;
  }

  YamlNode node(Kind kind, const YAML::Mark& mark) {
    if (++values_ > kMostValues)
      throw Stop{position_of(mark), fmt::format("more than {} values are too many for one lab", kMostValues), ""};
    YamlNode made;
    made.kind = kind;
    made.position = position_of(mark);
    return made;
  }

  void open(YamlNode made, YAML::EmitterStyle::value style) {
    if (open_.size() == kDeepestNesting)
      throw Stop{made.position, fmt::format("nested more than {} levels deep", kDeepestNesting), "no lab needs more than 7"};
    open_.push_back({std::move(made), std::nullopt, style == YAML::EmitterStyle::Flow});
  }

  void close() {
    auto done = std::move(open_.back().node);
    if (open_.back().has_refused_key && done.entries.empty()) done.kind = Kind::Refused;
    open_.pop_back();
    add(std::move(done));
  }

  void add(YamlNode made) {
    if (open_.empty()) {
      root_ = std::move(made);
      return;
    }
    auto& parent = open_.back();
    if (parent.node.kind == Kind::Sequence) {
      parent.node.items.push_back(std::move(made));
    } else if (!parent.key) {
      parent.key = std::move(made);
    } else {
      add_entry(parent.node, std::move(*parent.key), std::move(made));
      parent.key.reset();
    }
  }

  void add_entry(YamlNode& mapping, YamlNode key, YamlNode value) {
    if (key.kind == Kind::Refused || (key.text == "<<" && value.kind == Kind::Refused)) return;
    if (key.kind != Kind::Scalar) {
      open_.back().has_refused_key = true;
      diagnostics_.push_back(
          {Severity::Error, key.position, "a key must be a word", "", "write it like name: value; a lab file has no {{ templates }}"});
      return;
    }
    if (value.kind == Kind::Null) value.position = key.position;
    mapping.entries.push_back({std::move(key), std::move(value)});
  }

  std::string_view text_;
  Diagnostics& diagnostics_;
  std::vector<Open> open_;
  std::size_t values_ = 0;
  YamlNode root_;
  YAML::Mark last_scalar_;
};

/// The length of the UTF-8 sequence at the start of `text` (RFC 3629), 0 when there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) { return byte(i) >= low && byte(i) <= high; };
  const auto first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) return continues(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && continues(2) ? 3 : 0;
  if (first >= 0xF0 && first <= 0xF4)
    return continues(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && continues(2) && continues(3) ? 4 : 0;
  return 0;
}

constexpr std::string_view kSaveAsUtf8 = "save the file as UTF-8 text";

/// What the first bytes of a file say about it when it is no UTF-8 text; empty when they say nothing.
std::string_view kind_of_file(std::string_view text) {
  const auto has_nul_at = [&](std::size_t i) { return i < text.size() && text[i] == '\0'; };
  if (text.starts_with(std::string_view("\xFF\xFE\0\0", 4)) || text.starts_with(std::string_view("\0\0\xFE\xFF", 4))) return "UTF-32 text";
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return "UTF-16 text";
  if (text.size() >= 4 && has_nul_at(0) != has_nul_at(1) && has_nul_at(0) == has_nul_at(2) && has_nul_at(1) == has_nul_at(3))
    return "UTF-16 text";
  if (text.starts_with("\x7F"
                       "ELF"))
    return "a program";
  if (text.starts_with("\x1F\x8B")) return "compressed by gzip";
  if (text.starts_with("PK\x03\x04")) return "a ZIP archive or an Office document";
  return {};
}

/// The first byte that no text file has, and why.
std::optional<Stop> find_rubbish(std::string_view text) {
  if (const auto kind = kind_of_file(text); !kind.empty()) {
    const bool is_text = kind.ends_with("text");
    return Stop{{1, 1}, fmt::format("this file is {}", kind), std::string(is_text ? kSaveAsUtf8 : "a lab file is plain text")};
  }
  Position position{1, 1};
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\0') return Stop{position, "a NUL byte: this is not a text file", std::string(kSaveAsUtf8)};
    if (text[i] == '\r' && text.substr(i + 1, 1) != "\n")
      return Stop{position, "a carriage return that ends no line", "end lines as Unix does, or as Windows does"};
    const auto length = utf8_length(text.substr(i));
    if (length == 0) return Stop{position, "this is not UTF-8 text", std::string(kSaveAsUtf8)};
    position = text[i] == '\n' ? Position{position.line + 1, 1} : Position{position.line, position.column + static_cast<int>(length)};
    i += length;
  }
  return std::nullopt;
}

std::string_view line_of(std::string_view text, int line) {
  for (; line > 1 && !text.empty(); --line) text.remove_prefix(std::min(text.size(), text.find('\n') + 1));
  return text.substr(0, text.find('\n'));
}

constexpr std::string_view kOpenBrace = "this '{' is not closed";
constexpr std::string_view kOpenBracket = "this '[' is not closed";
constexpr std::string_view kOpenQuote = "a quoted text is not closed";
constexpr std::string_view kColonHere = "a ':' cannot stand here";
constexpr std::string_view kWrongBracket = "this bracket does not close the one that is open";
constexpr std::string_view kQuoteIt = "write the text in quotes";
constexpr std::string_view kTabIndents = "this line is indented with a tab";
constexpr std::string_view kSpacesIndent = "YAML is indented with spaces: write 2 of them for each tab";

/// Whether the quoted scalar at the start of `text` ends. The parser takes the end of the file for its end.
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
std::optional<Stop> fault_before_bracket(std::string_view line, int number) {
  for (std::size_t colon = line.find(':'); colon != std::string_view::npos; colon = line.find(':', colon + 1)) {
    if (colon + 1 == line.size() || (line[colon + 1] != '[' && line[colon + 1] != '{')) continue;
    const auto before = line.substr(0, colon);
    const auto key = before.substr(before.find_last_of(" {[,\t") + 1);  // npos + 1 is 0
    if (!is_word(key)) continue;
    return Stop{
        {number, static_cast<int>(colon) + 1}, "a blank is missing behind ':'", fmt::format("write {}: {}...", key, line[colon + 1])};
  }
  return std::nullopt;
}

/// What is wrong with a line that keeps a parser from reading it or the lines after it; nullopt when it looks right.
std::optional<Stop> fault_in_line(std::string_view line, int number) {
  const auto indentation = indentation_of(line);
  if (const auto tab = indentation.find('\t'); tab != std::string_view::npos)
    return Stop{{number, static_cast<int>(tab) + 1}, std::string(kTabIndents), std::string(kSpacesIndent)};
  for (const auto* mark : {"<<<<<<< ", "=======", ">>>>>>> "})
    if (line.starts_with(mark))
      return Stop{{number, 1}, "a conflict that git left behind", "keep the lines of one side, and take this line out"};
  if (line.starts_with("```")) return Stop{{number, 1}, "a line of Markdown", "a lab file has no ``` lines: take them out"};
  auto at = indentation.size();
  auto rest = line.substr(at);
  for (const std::string_view dash : {"\u2013 ", "\u2014 ", "\u2212 ", "\u2022 ", "* ", "+ "})
    if (rest.starts_with(dash))
      return Stop{{number, static_cast<int>(at) + 1},
                  "a list item starts with '- '",
                  fmt::format("write - {}", shown(rest, rest.substr(dash.size())))};
  if (rest.size() > 1 && rest[0] == '-' && rest.find(':') != std::string_view::npos &&
      (is_word(rest.substr(1, 1)) || rest[1] == '{' || rest[1] == '['))
    return Stop{
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
    return Stop{{number, static_cast<int>(at + equals) + 1},
                "a '=' where a key ends with ':'",
                fmt::format("write {}: {}", key, value == std::string_view::npos ? "" : shown(key, rest.substr(value)))};
  }
  const auto behind = rest.substr(colon + 1, 1);
  if (!is_word(rest.substr(0, colon)) || behind.empty() || std::string_view(" \t\r/").find(behind.front()) != std::string_view::npos)
    return fault_before_bracket(line, number);
  return Stop{{number, static_cast<int>(at + colon) + 1},
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

/// The fault that shows itself in line `number`: in that line, or in the last one before it that holds anything.
std::optional<Stop> fault_before(std::string_view text, int number) {
  const auto lines = line_and_above(text, number);
  if (auto fault = fault_in_line(lines.line, number)) return fault;
  if (lines.number_above == 0) return std::nullopt;
  if (auto fault = fault_in_line(lines.above, lines.number_above)) return fault;
  const auto indentation = indentation_of(lines.above).size();
  auto word = lines.above.substr(indentation);
  while (!word.empty() && (word.back() == ' ' || word.back() == '\r')) word.remove_suffix(1);
  if (!is_word(word)) return std::nullopt;
  return Stop{{lines.number_above, static_cast<int>(indentation + word.size()) + 1},
              "a ':' is missing behind a key",
              fmt::format("write {}:", word)};
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

/// Whether the first line that holds anything is one of Terraform or Bicep.
std::optional<Stop> fault_in_language(std::string_view text) {
  for (int number = 1; !text.empty(); ++number) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (is_empty_or_comment(line) || line.starts_with("//")) continue;
    const bool opens = line.find('{') != std::string_view::npos || line.find('=') != std::string_view::npos;
    for (const auto* word : {"resource ", "terraform ", "provider ", "module ", "variable ", "locals ", "data ", "param ", "targetScope "})
      if (line.starts_with(word) && opens)
        return Stop{{number, 1}, "this looks like Terraform or Bicep", "a lab file is YAML: docs/lab-file.md shows one"};
    return std::nullopt;
  }
  return std::nullopt;
}

/// Why the parser gave up, in words that fit a lab file.
///
/// @param open_bracket  where the bracket stands that was open
Stop explain(const YAML::ParserException& error, std::string_view text, std::optional<Position> open_bracket) {
  Stop stop{position_of(error.mark), fmt::format("this is not YAML: {}", printable(error.msg)), ""};
  if (auto fault = fault_in_language(text)) return std::move(*fault);
  if (auto fault = fault_before(text, stop.position.line)) return std::move(*fault);
  const auto known = std::ranges::find_if(kParserMessages, [&](const auto& message) { return error.msg.starts_with(message.parsers); });
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

}  // namespace

bool names_secret(std::string_view key) {
  const auto folded = folded_word(key);
  constexpr auto kSecrets = std::to_array<std::string_view>({"sharedkey", "psk", "password", "secret"});
  return std::ranges::any_of(kSecrets, [&](std::string_view word) { return folded.find(word) != std::string::npos; });
}

YamlNode parse_yaml(std::string_view text, Diagnostics& diagnostics) {
  YamlNode refused;
  refused.kind = Kind::Refused;
  const auto stop = [&](Stop why) {
    diagnostics.push_back({Severity::Error, why.position, std::move(why.message), "", std::move(why.hint)});
    return refused;
  };
  if (text.size() > kLargestLabFile) return stop({{}, fmt::format("larger than {} MB, too large for a lab", kLargestLabFile >> 20U), ""});
  if (auto rubbish = find_rubbish(text)) return stop(std::move(*rubbish));
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  TreeBuilder builder(text, diagnostics);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return YamlNode{};
    auto root = builder.take_root();
    if (root.kind == Kind::Scalar) {
      if (auto fault = fault_in_language(text)) return stop(std::move(*fault));
      if (auto fault = fault_before(text, root.position.line)) return stop(std::move(*fault));
    }
    while (parser.HandleNextDocument(builder)) {
      const auto another = builder.take_root();
      if (another.kind == Kind::Null) continue;
      if (auto fault = fault_before(text, another.position.line)) return stop(std::move(*fault));
      return stop({another.position, "a second YAML document: a file describes one lab", "put it into a file of its own"});
    }
    const auto last = text.substr(std::min(text.size(), static_cast<std::size_t>(builder.last_scalar().pos)));
    if ((last.starts_with('"') || last.starts_with('\'')) && !is_closed(last))
      return stop({position_of(builder.last_scalar()), std::string(kOpenQuote), "write the same quote where the text ends"});
    return root;
  } catch (const YAML::ParserException& error) {
    return stop(explain(error, text, builder.open_bracket()));
  } catch (Stop& why) {
    return stop(std::move(why));
  }
}

}  // namespace emu
