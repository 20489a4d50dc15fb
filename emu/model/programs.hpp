// SPDX-License-Identifier: Apache-2.0
// emu/model/programs.hpp — what a lab file has a machine or a host run.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace emu {

/// What stands between the programs that run in the nodes of a lab and the host.
enum class Isolation { Sandbox, None };

/// The lab file's spelling: `sandbox`, `none`.
constexpr std::string_view to_string(Isolation isolation) { return isolation == Isolation::None ? "none" : "sandbox"; }

struct Programs {
  std::vector<std::string> setup;  ///< shell commands that run to their end, one after the other, before anything else starts
  std::vector<std::string> run;    ///< shell commands that stay
  std::map<std::string, std::string> environment;  ///< what they find beside the small environment that all have
  std::string user;                                ///< whom they run as; empty: root
  std::vector<std::uint16_t> listens;              ///< TCP ports that they serve besides `web`

  bool operator==(const Programs&) const = default;
};

}  // namespace emu
