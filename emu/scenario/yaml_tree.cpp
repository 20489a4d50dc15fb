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

  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    auto nothing = node(Kind::Null, mark);
    nothing.position = place_of_nothing(text_, mark);
    add(std::move(nothing));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    refuse(mark, "a lab file has no YAML aliases", "write the value out");
    add(node(Kind::Refused, mark));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/, const std::string& value) override {
    auto scalar = node(Kind::Scalar, mark);
    scalar.plain = tag == "?";
    scalar.text = value;
    last_scalar_ = mark;
    if (!check_tag(mark, tag)) scalar.kind = Kind::Refused;
    if (value.find('\0') != std::string::npos) {
      refuse(mark, "a text cannot hold a NUL character", "");
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
  };

  void refuse(const YAML::Mark& mark, std::string message, std::string hint) {
    diagnostics_.push_back({Severity::Error, position_of(mark), std::move(message), "", std::move(hint)});
  }

  /// The parser writes `?` for no tag and `!` for quotes.
  bool check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return true;
    refuse(mark, "a lab file has no YAML tags", "leave it out");
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
    if (open_.size() == kDeepestNesting) throw Stop{made.position, fmt::format("nested more than {} levels deep", kDeepestNesting), ""};
    open_.push_back({std::move(made), std::nullopt, style == YAML::EmitterStyle::Flow});
  }

  void close() {
    auto done = std::move(open_.back().node);
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
    if (key.kind == Kind::Refused) return;
    if (key.kind != Kind::Scalar) {
      diagnostics_.push_back({Severity::Error, key.position, "a key must be a word", "", ""});
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

/// The first byte that no text file has, and why.
std::optional<Stop> find_rubbish(std::string_view text) {
  Position position{1, 1};
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\0') return Stop{position, "a NUL byte: this is not a text file", ""};
    if (text[i] == '\r' && text.substr(i + 1, 1) != "\n")
      return Stop{position, "a carriage return that ends no line", "end lines as Unix does, or as Windows does"};
    const auto length = utf8_length(text.substr(i));
    if (length == 0) return Stop{position, "this is not UTF-8 text", ""};
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
  std::string_view parsers;  ///< as yaml-cpp words it
  std::string_view ours;
  std::string_view hint;
};

constexpr std::array kParserMessages{
    ParserMessage{"end of map not found", "this line does not continue the mapping above it", "its indentation may be wrong"},
    ParserMessage{"end of sequence not found", "this line does not continue the list above it", "its indentation may be wrong"},
    ParserMessage{"end of map flow not found", kOpenBrace, ""},
    ParserMessage{"end of sequence flow not found", kOpenBracket, ""},
    ParserMessage{"illegal map value", "a ':' cannot stand here", "a text with ': ' in it needs quotes"},
    ParserMessage{"illegal block entry", "a list item cannot start here", ""},
    ParserMessage{"illegal flow end", "this bracket does not close the one that is open", ""},
    ParserMessage{"illegal EOF in scalar", kOpenQuote, ""},
};

/// Why the parser gave up, in words that fit a lab file.
///
/// @param open_bracket  where the bracket stands that was open
Stop explain(const YAML::ParserException& error, std::string_view text, std::optional<Position> open_bracket) {
  Stop stop{position_of(error.mark), fmt::format("this is not YAML: {}", printable(error.msg)), ""};
  const auto known = std::ranges::find(kParserMessages, std::string_view(error.msg), &ParserMessage::parsers);
  if (known != kParserMessages.end()) {
    stop.message = known->ours;
    stop.hint = known->hint;
    if (open_bracket && (known->ours == kOpenBrace || known->ours == kOpenBracket)) stop.position = *open_bracket;
  }
  const auto line = line_of(text, stop.position.line);
  const auto indentation = line.substr(0, line.find_first_not_of(" \t"));
  if (indentation.find('\t') != std::string_view::npos) stop.hint = "YAML is indented with spaces, never with tabs";
  return stop;
}

}  // namespace

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
    while (parser.HandleNextDocument(builder)) {
      const auto another = builder.take_root();
      if (another.kind != Kind::Null) return stop({another.position, "a second YAML document: a file describes one lab", ""});
    }
    const auto last = text.substr(std::min(text.size(), static_cast<std::size_t>(builder.last_scalar().pos)));
    if ((last.starts_with('"') || last.starts_with('\'')) && !is_closed(last))
      return stop({position_of(builder.last_scalar()), std::string(kOpenQuote), ""});
    return root;
  } catch (const YAML::ParserException& error) {
    return stop(explain(error, text, builder.open_bracket()));
  } catch (Stop& why) {
    return stop(std::move(why));
  }
}

}  // namespace emu
