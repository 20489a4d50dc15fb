// SPDX-License-Identifier: Apache-2.0
// emu/scenario/hints.hpp — how to write in YAML what somebody meant, with the values at hand.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "emu/scenario/field_reader.hpp"

namespace emu {

inline constexpr std::size_t kLongestExample = 60;  ///< letters of a value that a hint repeats

/// "a list": what messages call a value that is something else than it must be.
std::string_view kind_of(const YamlNode& node);

/// The entry of that very key; nullptr when there is none.
const YamlEntry* find_entry(const YamlNode& mapping, std::string_view key);

/// `text` as YAML that means it.
std::string as_yaml(std::string_view text);

/// `name: hub`, or `name: ...` where the value is long, a secret, or no single one.
std::string example(std::string_view key, const YamlNode& value);

/// What blanks and line breaks keep from being an address; empty when there are none.
std::string_view hint_on_blanks(std::string_view text);

/// How to write a list of what stands there instead.
std::string hint_on_list(std::string_view key, const YamlNode& node, ListOf of);

/// How to write a prefix instead of `text`, which is none.
std::string hint_on_prefix(std::string_view text);

/// What a number that is written in another way is in decimal: `0x50`, `1_000`, `1e3`; empty when it is none.
std::string in_decimal(std::string_view text);

}  // namespace emu
