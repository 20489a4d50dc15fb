// SPDX-License-Identifier: Apache-2.0
// netns/process/ending.hpp — ending processes, and whatever they started: asked first, forced after a second.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "netns/process/process_table.hpp"
#include "netns/process/record.hpp"

namespace netns {

/// Asks again and again whether it holds. @return whether it did within `limit`
bool wait_until(std::chrono::milliseconds limit, const std::function<bool()>& holds);

/// Tells those that `find` finds, once each, until it finds none: SIGTERM, and SIGKILL for those that are left after a second.
void end_those(const std::function<std::vector<ProcessId>()>& find);

/// Of all processes but the caller.
std::vector<ProcessId> processes_that(const std::function<bool(pid_t)>& wanted);

/// Everything below a supervisor, or what it left: those who know themselves to be in its namespace see `stop_all_marked`.
void end_with_descendants(const Record& record);

/// The namespace that has the name now; 0 when there is none.
ino_t network_named(const std::string& name);

/// Ends every process whose network namespace is one of `names`, whoever started it; the caller itself excepted.
void stop_all_in(const std::vector<std::string>& names);

/// Ends every process that knows itself to be in one of `names` (`marks_of`) and is not in the caller's network: also one whose namespace
/// has lost its name.
void stop_all_marked(const std::vector<std::string>& names);
/// The same for every name that starts with `<lab>.`.
void stop_all_marked(std::string_view lab);

}  // namespace netns
