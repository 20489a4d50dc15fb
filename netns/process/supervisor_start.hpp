// SPDX-License-Identifier: Apache-2.0
// netns/process/supervisor_start.hpp — starting a supervisor, and hearing from it whether its program runs.
#pragma once

#include <filesystem>
#include <string>

#include "netns/process/record.hpp"

namespace netns {

/// Starts `program`, a supervisor, on its assignment, and waits until it has said how that went. What the caller ignores, blocks or has
/// open is not handed on. @return empty when its program runs, or has run; else why it does not
/// @throws KernelError
std::string start_supervisor(const std::filesystem::path& program, const std::filesystem::path& record, const Assignment& assignment);

/// Starts `program` to make a sandbox (netns/sandbox/sandbox.hpp), and waits until its keeper is there and written down in `record`.
/// @return empty when it is; else why it is not @throws KernelError
std::string start_keeper(const std::filesystem::path& program, const std::filesystem::path& record, const Assignment& assignment);

}  // namespace netns
