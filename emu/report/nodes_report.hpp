// SPDX-License-Identifier: Apache-2.0
// emu/report/nodes_report.hpp — who is in a lab and what joins its networks, as `up` shows it when it is done.
#pragma once

#include <string>
#include <vector>

#include "emu/model/connection_status.hpp"
#include "emu/model/model.hpp"

namespace emu {

/// Machines, on-premises sites' devices and hosts, and internet hosts, with their addresses and the page they serve, a line each.
std::string nodes_table(const Model& model);

/// The same, or a line a subnet in a lab of more than 40 of them.
std::string nodes_summary(const Model& model);

/// A line for each pair of networks whose peering is Connected, and one for each link that is not, with the reason. More than 40
/// pairs become a line with their number; a link that is not Connected is always listed. Empty without peerings.
std::string peerings_summary(const Model& model);

/// What `up` closes with: `nodes_summary`, a blank line, `peerings_summary` and `connections_summary`.
std::string up_summary(const Model& model, const std::vector<ConnectionStatus>& connections = {});

}  // namespace emu
