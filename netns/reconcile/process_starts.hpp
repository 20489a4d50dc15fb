// SPDX-License-Identifier: Apache-2.0
// netns/reconcile/process_starts.hpp — starts processes of many namespaces, those that run first before all others of their namespace.
#pragma once

#include <functional>
#include <string>

#include "netns/process/process.hpp"
#include "netns/state/state.hpp"

namespace netns {

struct Plan;

/// Starts what `plan` says. Namespaces do not wait for each other: what runs first in one may ask a process of another.
/// @param progress  told in words whose end is waited for
/// @throws ProcessFailed when one that runs first ends with another status than 0; others may run then
/// @throws std::runtime_error when one cannot be started
void start_processes(const Plan& plan, const State& desired, const ProcessRecords& processes,
                     const std::function<void(const std::string&)>& progress);

}  // namespace netns
