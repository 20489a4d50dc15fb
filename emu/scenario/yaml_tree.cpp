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

#include "emu/scenario/text_bytes.hpp"
#include "emu/scenario/yaml_faults.hpp"

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
      throw YamlFault{position_of(mark), fmt::format("more than {} values are too many for one lab", kMostValues), ""};
    YamlNode made;
    made.kind = kind;
    made.position = position_of(mark);
    return made;
  }

  void open(YamlNode made, YAML::EmitterStyle::value style) {
    if (open_.size() == kDeepestNesting)
      throw YamlFault{made.position, fmt::format("nested more than {} levels deep", kDeepestNesting), "no lab needs more than 7"};
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

}  // namespace

YamlNode parse_yaml(std::string_view text, Diagnostics& diagnostics) {
  YamlNode refused;
  refused.kind = Kind::Refused;
  const auto stop = [&](YamlFault why) {
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
    return stop(explain_parser(error.msg, position_of(error.mark), text, builder.open_bracket()));
  } catch (YamlFault& why) {
    return stop(std::move(why));
  }
}

}  // namespace emu
