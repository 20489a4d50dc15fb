// SPDX-License-Identifier: Apache-2.0
// emu/model/find_by_name.hpp — the lookup that all resources share.
#pragma once

#include <algorithm>
#include <string_view>

#include "emu/model/model.hpp"

namespace emu {

/// The item whose `name` is the same (NAME-4); nullptr when there is none.
template <typename Items>
auto find_by_name(const Items& items, std::string_view name) -> decltype(items.data()) {
  const auto found = std::ranges::find_if(items, [&](const auto& item) { return same_name(item.name, name); });
  return found == items.end() ? nullptr : &*found;
}

}  // namespace emu
