// SPDX-License-Identifier: Apache-2.0
// emu/scenario/kinds/common.hpp — what several kinds of object read alike.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "emu/model/model.hpp"
#include "emu/model/name_key.hpp"
#include "emu/model/programs.hpp"
#include "emu/model/wording.hpp"
#include "emu/scenario/field_reader.hpp"

namespace emu {

/// For a kind that has no keys left to support.
inline constexpr std::array<std::string_view, 0> kNothing{};

/// The single value behind `key`; empty when there is none.
inline std::string_view text_of(const YamlNode& mapping, std::string_view key) {
  const auto found = std::ranges::find_if(mapping.entries, [&](const auto& entry) { return entry.key.text == key; });
  return found == mapping.entries.end() || found->value.kind != YamlNode::Kind::Scalar ? std::string_view{} : found->value.text;
}

/// `Basic, VpnGw1 or VpnGw2`
inline std::string one_of(std::span<const std::string_view> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) out.append(i == 0 ? "" : i + 1 == words.size() ? " or " : ", ").append(words[i]);
  return out;
}

/// The place in `words` of the one that `text` is. This is the rule for every value that is one of a few: case does not count.
inline std::optional<std::size_t> find_word(std::span<const std::string_view> words, std::string_view text) {
  const auto found = std::ranges::find_if(words, [&](std::string_view word) { return same_name(word, text); });
  return found == words.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - words.begin()));
}

/// Which of `words` the value is; nullopt, and reported, when it is none. Words of `not_yet` are known but not supported.
inline std::optional<std::size_t> read_choice(FieldReader& reader, const Place& place, std::span<const std::string_view> words,
                                              std::span<const std::string_view> not_yet = {}) {
  const auto what = one_of(words);
  const auto text = reader.scalar(place, what);
  if (!text) return std::nullopt;
  if (const auto known = find_word(words, *text)) return known;
  const auto key = place.path.substr(place.path.rfind('.') + 1);
  if (find_word(not_yet, *text))
    reader.error(place, fmt::format("{} {} is not supported yet", key, in_quotes(*text)));
  else
    reader.error(place, fmt::format("'{}' must be {}, not {}{}", key, what, in_quotes(*text), did_you_mean(*text, words)));
  return std::nullopt;
}

/// One of `values`, spelled as `to_string` prints it.
template <typename Enum, std::size_t kCount, typename Into>
void read_enumerated(FieldReader& reader, const Place& place, const std::array<Enum, kCount>& values, Into& into) {
  std::array<std::string_view, kCount> words;
  std::ranges::transform(values, words.begin(), [](Enum value) { return to_string(value); });
  if (const auto chosen = read_choice(reader, place, words)) into = values[*chosen];
}

/// Puts `text` into the case that it has in `words`; one that is none of them stays for `validate` to refuse.
inline void spell_as(std::span<const std::string_view> words, std::string& text) {
  if (const auto known = find_word(words, text)) text = words[*known];
}

inline bool names_a_variable(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && is_letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

inline void read_environment_into(FieldReader& reader, const Place& place, std::map<std::string, std::string>& into) {
  if (place.node.kind == YamlNode::Kind::Refused) return;
  if (place.node.kind != YamlNode::Kind::Mapping)
    return reader.error(place, "'environment' must be a mapping of names to texts", "", "write it like {LOG_LEVEL: debug}");
  for (const auto& [key, value] : place.node.entries) {
    const Place name{key, place.path};
    if (!names_a_variable(key.text)) {
      reader.error(name, fmt::format("{} cannot name a variable", in_quotes(key.text)), "",
                   "it has letters, digits and '_', no digit first");
    } else if (key.text == "LAZULI_LAB" || key.text == "LAZULI_NODE") {
      reader.error(name, fmt::format("{} is what Lazuli itself tells every program", in_quotes(key.text)));
    } else if (into.contains(key.text)) {
      reader.error(name, fmt::format("variable {} is here twice", in_quotes(key.text)));
    } else if (const auto text = reader.scalar({value, place.path + '.' + key.text}, "a text")) {
      into.emplace(key.text, *text);
    }
  }
}

/// The reader of one member of what a machine or host runs.
template <auto Member, typename T>
void read_programs(FieldReader& reader, const Place& place, T& into) {
  reader.read(place, into.programs.*Member);
}

/// `{LOG_LEVEL: debug}`
template <typename T>
void read_environment(FieldReader& reader, const Place& place, T& into) {
  read_environment_into(reader, place, into.programs.environment);
}

/// `[9000, 9001]`
template <typename T>
void read_listens(FieldReader& reader, const Place& place, T& into) {
  for (const auto& item : reader.items_of(place)) {
    std::optional<std::uint16_t> port;
    reader.read(item, port);
    if (!port) continue;
    if (std::ranges::find(into.programs.listens, *port) != into.programs.listens.end())
      reader.error(item, fmt::format("port {} is here twice", *port));
    else
      into.programs.listens.push_back(*port);
  }
}

/// `West US` and `westus` are one location.
inline void read_location(FieldReader& reader, const Place& place, std::string& into) {
  std::string written;
  reader.read(place, written);
  std::erase(written, ' ');
  into = name_key(written);
}

}  // namespace emu
