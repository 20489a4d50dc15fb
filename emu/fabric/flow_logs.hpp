// SPDX-License-Identifier: Apache-2.0
// emu/fabric/flow_logs.hpp — what a router has when something in its virtual network is recorded.
#pragma once

#include "emu/fabric/fabric.hpp"

namespace emu {

/// Adds the collector, if a flow log covers something in `network`.
void add_flow_log_collector(const Model& model, const VirtualNetwork& network, const Places& places, netns::Namespace& router);

/// How a router's rules drop a packet.
struct Denials {
  std::string chains;  ///< that the verdicts lead to; empty when nothing is recorded
  std::string outbound = "drop";
  std::string inbound = "drop";
};

/// With a flow log, chains that pass the packet on to the collector before they drop it.
Denials denials_in(const Model& model, const VirtualNetwork& network);

}  // namespace emu
