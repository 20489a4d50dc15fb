// SPDX-License-Identifier: Apache-2.0
// emu/model/source_map.hpp — where in the lab file each property of the model was written.
//
// The model stays plain values; a property is named by its path, spelled as in the file:
// `virtual_networks[0].subnets[1].address_prefixes[0]`.
#pragma once

#include <string>
#include <unordered_map>

#include "emu/model/diagnostic.hpp"

namespace emu {

class SourceMap {
 public:
  void add(std::string path, Position position) { positions_.insert_or_assign(std::move(path), position); }

  /// The place of `path`, or of the nearest thing around it that was written; {0, 0} when nothing was.
  Position find(std::string path) const;

 private:
  std::unordered_map<std::string, Position> positions_;
};

}  // namespace emu
