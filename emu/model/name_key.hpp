// SPDX-License-Identifier: Apache-2.0
// emu/model/name_key.hpp — a name as the key of a map or set: two names that `same_name` calls equal have one key (NAME-4).
#pragma once

#include <string>
#include <string_view>

namespace emu {

/// An ASCII letter in lower case, whatever the locale; other bytes as they are.
constexpr char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// `name` in lower case.
inline std::string name_key(std::string_view name) {
  std::string key(name);
  for (char& c : key) c = lower_case(c);
  return key;
}

}  // namespace emu
