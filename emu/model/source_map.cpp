// SPDX-License-Identifier: Apache-2.0
#include "emu/model/source_map.hpp"

namespace emu {

Position SourceMap::find(std::string path) const {
  while (true) {
    if (const auto found = positions_.find(path); found != positions_.end()) return found->second;
    const auto cut = path.find_last_of(".[");
    if (cut == std::string::npos) return {};
    path.resize(cut);
  }
}

}  // namespace emu
