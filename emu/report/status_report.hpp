// SPDX-License-Identifier: Apache-2.0
// emu/report/status_report.hpp — a whole lab as text and as JSON with ARM's property names.
#pragma once

#include <string>

#include "emu/model/model.hpp"

namespace emu {

/// Networks with their subnets, every peering link with its state, every machine and internet host.
std::string status_text(const Model& model);

/// `status --json`, indented. A subnet of several prefixes has `addressPrefixes` instead of `addressPrefix` (SUB-8); a machine
/// without a public address has null there.
std::string status_json(const Model& model);

}  // namespace emu
