// SPDX-License-Identifier: Apache-2.0
// emu/report/gateway_report.hpp — VPN gateways and how their tunnels do, as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emu/model/connection_status.hpp"
#include "emu/model/model.hpp"

namespace emu {

/// The status of the connection of that name; Unknown when `statuses` do not have it.
ConnectionStatus status_of(const std::vector<ConnectionStatus>& statuses, std::string_view connection);

/// A line for each gateway. Empty without gateways.
std::string gateways_table(const Model& model);

/// A line for each connection: its ends, its status, how many bytes it carried each way; beneath it what is amiss. Empty without
/// connections.
std::string connections_table(const Model& model, const std::vector<ConnectionStatus>& statuses);

/// What `up` says of each connection: `gw <-> dc   VPN Connected (to-dc)`, and beneath it what is amiss. Empty without connections.
std::string connections_summary(const Model& model, const std::vector<ConnectionStatus>& statuses);

}  // namespace emu
