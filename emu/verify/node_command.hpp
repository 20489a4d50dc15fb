// SPDX-License-Identifier: Apache-2.0
// emu/verify/node_command.hpp — a command of a check, run in a node as the lab's own commands are.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emu/model/model.hpp"

namespace emu {

struct CommandResult {
  std::optional<int> status;       ///< as wait(2) gives it; empty: it was ended, with all that it started
  bool stopped = false;            ///< ended since `stops` said so, not since it took too long
  std::vector<std::string> lines;  ///< what it wrote to both outputs, each line up to 4 KB
};

/// Runs `command` of /bin/sh in `node`, where and with what user and environment the node's own programs run, and waits for its end.
/// Nothing of it is left, whatever it put into the background. Any number of threads may do so at once.
/// @param id     tells it from others that run at the same time in this node
/// @param stops  asked again and again whether all of it is to end now
/// @throws std::exception when it cannot be started
CommandResult run_in_node(const Model& model, std::string_view node, const std::string& command, std::size_t id,
                          std::chrono::milliseconds limit, const std::function<bool()>& stops);

/// Whether some line has a part that `pattern` matches: an ECMAScript regular expression. Pure.
bool matches_a_line(const std::vector<std::string>& lines, const std::string& pattern);

}  // namespace emu
