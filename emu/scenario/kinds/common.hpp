// SPDX-License-Identifier: Apache-2.0
// emu/scenario/kinds/common.hpp — what several kinds of object read alike.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "emu/model/name_key.hpp"
#include "emu/scenario/field_reader.hpp"

namespace emu {

/// For a kind that has no keys left to support.
inline constexpr std::array<std::string_view, 0> kNothing{};

/// Whether something is written behind `key`.
inline bool has_key(const YamlNode& mapping, std::string_view key) {
  return std::ranges::any_of(mapping.entries,
                             [&](const auto& entry) { return entry.key.text == key && entry.value.kind != YamlNode::Kind::Null; });
}

/// `West US` and `westus` are one location.
inline void read_location(FieldReader& reader, const Place& place, std::string& into) {
  std::string written;
  reader.read(place, written);
  std::erase(written, ' ');
  into = name_key(written);
}

}  // namespace emu
