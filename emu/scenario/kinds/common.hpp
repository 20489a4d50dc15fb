// SPDX-License-Identifier: Apache-2.0
// emu/scenario/kinds/common.hpp — what several kinds of object read alike.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

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

/// Which of `words` the value is; nullopt, and reported, when it is none. Words of `not_yet` are known but not supported.
inline std::optional<std::size_t> read_choice(FieldReader& reader, const Place& place, std::span<const std::string_view> words,
                                              std::span<const std::string_view> not_yet = {}) {
  const auto what = one_of(words);
  const auto text = reader.scalar(place, what);
  if (!text) return std::nullopt;
  if (const auto known = std::ranges::find(words, *text); known != words.end()) return static_cast<std::size_t>(known - words.begin());
  const auto key = place.path.substr(place.path.rfind('.') + 1);
  if (std::ranges::find(not_yet, *text) != not_yet.end())
    reader.error(place, fmt::format("{} {} is not supported yet", key, in_quotes(*text)));
  else
    reader.error(place, fmt::format("'{}' must be {}, not {}{}", key, what, in_quotes(*text), did_you_mean(*text, words)));
  return std::nullopt;
}

/// One of `values`, spelled as `to_string` prints it.
template <typename Enum, std::size_t kCount>
void read_enumerated(FieldReader& reader, const Place& place, const std::array<Enum, kCount>& values, Enum& into) {
  std::array<std::string_view, kCount> words;
  std::ranges::transform(values, words.begin(), [](Enum value) { return to_string(value); });
  if (const auto chosen = read_choice(reader, place, words)) into = values[*chosen];
}

/// The reader of one member of what a machine or host runs.
template <auto Member, typename T>
void read_programs(FieldReader& reader, const Place& place, T& into) {
  reader.read(place, into.programs.*Member);
}

/// `West US` and `westus` are one location.
inline void read_location(FieldReader& reader, const Place& place, std::string& into) {
  std::string written;
  reader.read(place, written);
  std::erase(written, ' ');
  into = name_key(written);
}

}  // namespace emu
