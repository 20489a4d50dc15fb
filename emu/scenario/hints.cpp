// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario/hints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "emu/model/name_key.hpp"
#include "emu/model/wording.hpp"
#include "emu/scenario/yaml_faults.hpp"
#include "netns/base/address.hpp"

namespace emu {
namespace {

using netns::Ipv4Address;
using netns::Ipv4Prefix;
using Kind = YamlNode::Kind;

/// A value that can be written behind a key, or in a list, as it stands.
bool needs_no_quotes(std::string_view text) {
  return !text.empty() && text.find_first_of("[]{},#&*!|>'\"%@`\\") == std::string_view::npos && text.find(": ") == std::string_view::npos;
}

/// `a, b, c`, of which none holds a blank: `echo a, b` is one command.
bool is_words_with_commas(std::string_view text) {
  if (text.find(", ") == std::string_view::npos || text.find_first_of("[]{}'\"") != std::string_view::npos) return false;
  for (auto blank = text.find(' '); blank != std::string_view::npos; blank = text.find(' ', blank + 1))
    if (blank == 0 || text[blank - 1] != ',') return false;
  return true;
}

}  // namespace

std::string_view kind_of(const YamlNode& node) {
  switch (node.kind) {
    case Kind::Null: return "empty";
    case Kind::Scalar: return "a single value";
    case Kind::Sequence: return "a list";
    case Kind::Mapping: return "a mapping";
    case Kind::Refused: return "";
  }
  return "";
}

std::string as_yaml(std::string_view text) {
  if (needs_no_quotes(text)) return printable(text);
  std::string quoted = "'";
  for (const char c : printable(text)) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

std::string example(std::string_view key, const YamlNode& value) {
  const bool is_short = value.kind == Kind::Scalar && value.text.size() <= kLongestExample && !names_secret(key);
  return is_short ? fmt::format("{}: {}", key, value.plain ? printable(value.text) : as_yaml(value.text)) : fmt::format("{}: ...", key);
}

std::string_view hint_on_blanks(std::string_view text) {
  if (text.find('\n') != std::string_view::npos) return "write it in one line, without | or >";
  return text.find_first_of(" \t") == std::string_view::npos ? "" : "write it without blanks";
}

std::string hint_on_list(std::string_view key, const YamlNode& node, ListOf of) {
  if (node.kind == Kind::Scalar) {
    constexpr auto kNone = std::to_array<std::string_view>({"", "none", "nil", "nothing", "empty", "false"});
    if (std::ranges::find(kNone, name_key(node.text)) != kNone.end()) return fmt::format("write {}: []", key);
    if (of == ListOf::Objects) return fmt::format("write - {} below it, and its other keys below that", example("name", node));
    if (node.text.size() > kLongestExample) return fmt::format("write {}: and below it each item with '- ' in front", key);
    const bool is_list_of_words = is_words_with_commas(node.text);
    return fmt::format("write {}: [{}]", key, is_list_of_words ? printable(node.text) : as_yaml(node.text));
  }
  if (node.kind != Kind::Mapping || node.entries.empty()) return fmt::format("write {}: []", key);
  const auto& first = node.entries.front();
  if (first.key.text == "name" || first.value.kind == Kind::Scalar)
    return fmt::format("write '- ' in front of the first key of each: - {}", example(printable(first.key.text), first.value));
  return fmt::format("write - name: {}, with its keys below", printable(first.key.text));
}

std::string hint_on_prefix(std::string_view text) {
  if (const auto hint = hint_on_blanks(text); !hint.empty()) return std::string(hint);
  const auto slash = text.find('/');
  const auto address = Ipv4Address::parse(text.substr(0, slash));
  if (text == "0.0.0.0") return "write 0.0.0.0/0 for all addresses";
  if (address && slash == std::string_view::npos) return fmt::format("write its length behind it: {0}/24, or {0}/32 for one address", text);
  const auto mask = address ? Ipv4Address::parse(text.substr(slash + 1)) : std::nullopt;
  if (mask && mask->value != 0) {
    const Ipv4Prefix prefix{*address, 32 - std::countr_zero(mask->value)};
    if (prefix.mask() == mask->value) return fmt::format("write {}", to_string(prefix));
  }
  return address ? "the length behind the / is 0 to 32" : "write it like 10.0.0.0/24";
}

std::string in_decimal(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (c != '_' && c != '\'') digits += c;
  if (digits.empty()) return {};
  char* end = nullptr;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    const auto value = std::strtoull(digits.c_str(), &end, 16);
    return *end == '\0' && digits.size() > 2 ? fmt::format("{}", value) : "";
  }
  const auto value = std::strtod(digits.c_str(), &end);
  constexpr double kLargest = 1e15;
  if (*end != '\0' || !(value >= 0) || value > kLargest || value != std::floor(value)) return {};
  return fmt::format("{}", static_cast<std::uint64_t>(value));
}

const YamlEntry* find_entry(const YamlNode& mapping, std::string_view key) {
  const auto found = std::ranges::find_if(mapping.entries, [&](const auto& entry) { return entry.key.text == key; });
  return found == mapping.entries.end() ? nullptr : &*found;
}

}  // namespace emu
