// SPDX-License-Identifier: Apache-2.0
// emu/scenario/yaml_tree.hpp — YAML text as a tree that remembers where everything stood.
//
// Theory of operation. The text may come from anybody, so the tree is built from the parser's events and every measure of it
// is bounded: its size in bytes, its depth (the parser recurses), the number of its values. An alias is refused, never
// expanded, so no small text becomes a large tree.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "emu/model/diagnostic.hpp"

namespace emu {

inline constexpr std::size_t kLargestLabFile = std::size_t{4} << 20U;  ///< bytes; a lab of 2000 machines needs 0.2 MB
inline constexpr std::size_t kDeepestNesting = 32;                     ///< a correct lab file needs 7
inline constexpr std::size_t kMostValues = 400'000;

struct YamlEntry;

struct YamlNode {
  enum class Kind {
    Null,  ///< nothing written, `~` or `null`
    Scalar,
    Sequence,
    Mapping,
    Refused  ///< reported already; a reader passes over it in silence
  };

  Kind kind = Kind::Null;
  bool plain = false;  ///< a scalar without quotes, which YAML may take for a number or a truth value
  Position position;
  std::string text;                ///< of a scalar
  std::vector<YamlNode> items;     ///< of a sequence
  std::vector<YamlEntry> entries;  ///< of a mapping, as written: a key may come twice
};

struct YamlEntry {
  YamlNode key;  ///< a scalar
  YamlNode value;
};

/// The only document in `text`. What is wrong is added to `diagnostics`; a text that is not YAML gives a node of kind Refused.
YamlNode parse_yaml(std::string_view text, Diagnostics& diagnostics);

}  // namespace emu
