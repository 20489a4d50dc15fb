// SPDX-License-Identifier: Apache-2.0
// emu/semantics/prefix_overlaps.hpp — finds the prefixes of a list that overlap, without comparing each with each.
//
// Theory of operation. Two prefixes either nest or have nothing in common. In the order of their first address, wider before
// narrower, everything that encloses a prefix has come before it and has not ended: the enclosing ones are a stack.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <tuple>
#include <vector>

#include "emu/model/model.hpp"

namespace emu {

/// A prefix of a list, and what its caller needs to find its way back.
struct OwnedPrefix {
  Ipv4Prefix prefix;
  std::size_t owner = 0;
  std::size_t index = 0;
};

/// Calls `visit(enclosing, inner)` for every prefix that others enclose; `enclosing` is never empty, the narrowest is last. Of
/// two equal prefixes the one with the lower owner, then index, encloses the other. Ends early when `visit` returns true.
template <typename Visit>
void visit_overlaps(std::vector<OwnedPrefix> prefixes, Visit visit) {
  std::ranges::sort(prefixes, {}, [](const OwnedPrefix& p) { return std::tuple(p.prefix.first(), p.prefix.length, p.owner, p.index); });
  std::vector<OwnedPrefix> open;
  for (const auto& inner : prefixes) {
    while (!open.empty() && open.back().prefix.last() < inner.prefix.first()) open.pop_back();
    if (!open.empty() && visit(std::span<const OwnedPrefix>(open), inner)) return;
    open.push_back(inner);
  }
}

}  // namespace emu
