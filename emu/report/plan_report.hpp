// SPDX-License-Identifier: Apache-2.0
// emu/report/plan_report.hpp — the changes of a lab as text and as JSON.
#pragma once

#include <string>
#include <vector>

#include "emu/semantics/changes.hpp"

namespace emu {

/// A line a change, `+` created, `~` updated, `-` deleted, and what follows from it below:
///
///       ~ vnet a / peering a-to-b   Initiated -> Connected: the other side exists now
///           + route 10.1.0.0/16 VNetPeering b   'a-to-b' is Connected
///
/// Empty without changes.
std::string render_changes(const std::vector<Change>& changes);

/// The same in the words of ARM's what-if operation, with what there is to say besides, and the steps in the kernel.
std::string changes_json(const std::string& lab, const std::vector<Change>& changes, const std::vector<std::string>& notes,
                         const std::vector<std::string>& steps);

}  // namespace emu
