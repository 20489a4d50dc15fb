// SPDX-License-Identifier: Apache-2.0
// emu/model/name_key.hpp — a name as the key of a map or set: two names that `same_name` calls equal have one key (NAME-4).
#pragma once

#include <string>
#include <string_view>

namespace emu {

/// `name` in lower case, whatever the locale.
inline std::string name_key(std::string_view name) {
  std::string key(name);
  for (char& c : key) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return key;
}

}  // namespace emu
