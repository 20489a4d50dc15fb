// SPDX-License-Identifier: Apache-2.0
// emu/semantics/route_changes.hpp — which effective routes of a subnet take or lose effect, and why.
#pragma once

#include <string>
#include <vector>

#include "emu/model/model.hpp"
#include "emu/semantics/changes.hpp"

namespace emu {

/// A subnet in its surroundings, at one moment.
struct SubnetMoment {
  const Model& model;
  const VirtualNetwork& network;
  const Subnet& subnet;
};

struct RouteChange {
  Change::Consequence consequence;
  std::string remote_virtual_network;  ///< of the peering that caused it; empty when no peering did
  bool of_gateway = false;             ///< whether it leads into a tunnel
};

/// Compares the Active routes: those that are lost, then those that are new. Both models are resolved. Pure.
std::vector<RouteChange> route_changes(const SubnetMoment& before, const SubnetMoment& after);

}  // namespace emu
