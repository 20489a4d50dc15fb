// SPDX-License-Identifier: Apache-2.0
// emu/semantics/prefix_index.hpp — finds what overlaps a prefix among many, without looking at each.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "emu/model/model.hpp"

namespace emu {

class PrefixIndex {
 public:
  explicit PrefixIndex(std::vector<Ipv4Prefix> prefixes) : prefixes_(std::move(prefixes)) { std::ranges::sort(prefixes_); }

  /// The widest prefix that holds all of `inner`.
  std::optional<Ipv4Prefix> containing(const Ipv4Prefix& inner) const {
    for (int length = 0; length <= inner.length; ++length) {
      const auto outer = Ipv4Prefix::of(inner.address, length);
      if (std::ranges::binary_search(prefixes_, outer)) return outer;
    }
    return std::nullopt;
  }

  /// A prefix that holds `other` or lies in it: two prefixes that overlap always nest.
  std::optional<Ipv4Prefix> overlapping(const Ipv4Prefix& other) const {
    if (auto outer = containing(other)) return outer;
    const auto next = std::ranges::lower_bound(prefixes_, Ipv4Prefix{other.first(), 0});
    return next != prefixes_.end() && next->address <= other.last() ? std::optional(*next) : std::nullopt;
  }

 private:
  std::vector<Ipv4Prefix> prefixes_;  ///< in order, without host bits
};

}  // namespace emu
