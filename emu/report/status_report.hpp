// SPDX-License-Identifier: Apache-2.0
// emu/report/status_report.hpp — a whole lab as text and as JSON with ARM's property names.
#pragma once

#include <string>
#include <vector>

#include "emu/model/connection_status.hpp"
#include "emu/model/model.hpp"

namespace emu {

/// What is known of the lab as a whole; nothing of one that is only thought of.
struct StatusHead {
  std::string state;               ///< `up`, `degraded` ...
  std::vector<std::string> amiss;  ///< in words
  std::string way_out;             ///< what to type then
  std::string source;              ///< the file it was made from
  std::string user;                ///< who made it
};

/// Networks with their subnets, every peering link with its state, gateways and connections, every machine and host. A connection that
/// `connections` do not have is Unknown.
std::string status_text(const Model& model, const std::vector<ConnectionStatus>& connections = {}, const StatusHead& head = {});

/// `status --json`, indented. A subnet of several prefixes has `addressPrefixes` instead of `addressPrefix` (SUB-8); a machine
/// without a public address has null there. No key of a tunnel is in it.
std::string status_json(const Model& model, const std::vector<ConnectionStatus>& connections = {}, const StatusHead& head = {});

}  // namespace emu
