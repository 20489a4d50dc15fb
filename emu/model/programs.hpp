// SPDX-License-Identifier: Apache-2.0
// emu/model/programs.hpp — what a lab file has a machine or a host run.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace emu {

struct Programs {
  std::vector<std::string> setup;  ///< shell commands that run to their end, one after the other, before anything else starts
  std::vector<std::string> run;    ///< shell commands that stay
  std::map<std::string, std::string> environment;  ///< what they find beside the small environment that all have
  std::string user;                                ///< whom they run as; empty: root
  std::vector<std::uint16_t> listens;              ///< TCP ports that they serve besides `web`

  bool operator==(const Programs&) const = default;
};

}  // namespace emu
