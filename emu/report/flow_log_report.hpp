// SPDX-License-Identifier: Apache-2.0
// emu/report/flow_log_report.hpp — what was recorded of a network's traffic, as a table and as Azure's JSON.
#pragma once

#include <string>
#include <vector>

#include "emu/model/model.hpp"

namespace emu {

/// A row for each tuple, in the order of time. `records` are lines of JSON as `flow_records` writes them; what is none is passed over.
std::string flow_log_table(const Model& model, const std::vector<std::string>& records);

/// `{"records": [...]}`, indented (FLOW-1).
std::string flow_log_json(const std::vector<std::string>& records);

}  // namespace emu
