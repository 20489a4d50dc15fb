// SPDX-License-Identifier: Apache-2.0
// emu/scenario/lab_file_keys.hpp — the keys a lab file may have, as the reader knows them.
#pragma once

#include <string_view>
#include <vector>

namespace emu {

struct ObjectKeys {
  std::string_view object;  ///< "virtual network"
  std::vector<std::string_view> keys;
  std::vector<std::string_view> required;
};

/// Every kind of object in a lab file; docs/lab.schema.json says the same, and a test holds the two together.
std::vector<ObjectKeys> lab_file_keys();

}  // namespace emu
