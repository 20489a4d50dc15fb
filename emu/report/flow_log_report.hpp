// SPDX-License-Identifier: Apache-2.0
// emu/report/flow_log_report.hpp — what was recorded of a network's traffic, as a table and as Azure's JSON.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "emu/model/model.hpp"
#include "emu/report/table.hpp"

namespace emu {

class FlowLogTable {
 public:
  explicit FlowLogTable(const Model& model);

  /// A row for each tuple, in the order of time; the first time with the heading above them. `records` are lines of JSON as
  /// `flow_records` writes them; what is none is passed over.
  std::string rows(const std::vector<std::string>& records);

 private:
  std::map<std::string, std::string> machines_;  ///< by MAC address, as a record spells it
  Table table_;
};

/// `{"records": [...]}`, indented (FLOW-1).
std::string flow_log_json(const std::vector<std::string>& records);

}  // namespace emu
