// SPDX-License-Identifier: Apache-2.0
// emu/report/status_report.hpp — a whole lab as text and as JSON with ARM's property names.
#pragma once

#include <string>
#include <vector>

#include "emu/model/connection_status.hpp"
#include "emu/model/model.hpp"

namespace emu {

/// Networks with their subnets, every peering link with its state, gateways and connections, every machine and host. A connection that
/// `connections` do not have is Unknown.
std::string status_text(const Model& model, const std::vector<ConnectionStatus>& connections = {});

/// `status --json`, indented. A subnet of several prefixes has `addressPrefixes` instead of `addressPrefix` (SUB-8); a machine
/// without a public address has null there. No key of a tunnel is in it.
std::string status_json(const Model& model, const std::vector<ConnectionStatus>& connections = {});

}  // namespace emu
