// SPDX-License-Identifier: Apache-2.0
// emu/model/source_map.hpp — where in the lab file each property of the model was written.
//
// The model stays plain values; a property is named by its path, spelled as in the file:
// `virtual_networks[0].subnets[1].address_prefixes[0]`.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "emu/model/diagnostic.hpp"

namespace emu {

class SourceMap {
 public:
  void add(std::string path, Position position) { positions_.insert_or_assign(std::move(path), position); }

  /// The place of `path`, or of the nearest thing around it that was written; {0, 0} when nothing was.
  Position find(std::string path) const;

  /// Whether `path` itself was written.
  bool holds(const std::string& path) const { return positions_.contains(path); }

  /// Says that the reader found something wrong.
  void mark_faulty() { faulty_ = true; }
  bool is_faulty() const { return faulty_; }

  /// Says that the reader passed over a thing of that kind ("subnet"), or over one of a kind that it does not know (""): a name that
  /// nothing has may be the one of that thing.
  void mark_lost(std::string_view kind) { lost_.emplace(kind); }
  bool has_lost(std::string_view kind) const { return lost_.contains(kind) || lost_.contains(""); }

 private:
  bool faulty_ = false;
  std::set<std::string, std::less<>> lost_;
  std::unordered_map<std::string, Position> positions_;
};

}  // namespace emu
