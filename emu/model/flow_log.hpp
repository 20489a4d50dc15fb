// SPDX-License-Identifier: Apache-2.0
// emu/model/flow_log.hpp — flow logs of virtual networks (FLOW-1): what is recorded, and under which name.
#pragma once

#include <string>
#include <string_view>

namespace emu {

struct Model;
struct VirtualMachine;
struct VirtualNetwork;

struct FlowLog {
  std::string name;
  std::string target;  ///< a virtual network, `network/subnet`, or a virtual machine, which stands for its network interface
  bool enabled = true;

  bool operator==(const FlowLog&) const = default;
};

/// What a target names; at most one is there.
struct FlowLogTarget {
  const VirtualNetwork* network = nullptr;  ///< set for a subnet, too
  std::string subnet;                       ///< as the network spells it, or empty
  const VirtualMachine* machine = nullptr;
};

/// Neither network nor machine when there is nothing of that name.
FlowLogTarget find_flow_log_target(const Model& model, std::string_view target);

/// The enabled flow log that `machine`'s interface is recorded in: that of the interface, of its subnet, or of its network, the first
/// that there is; nullptr when there is none.
const FlowLog* flow_log_of(const Model& model, const VirtualMachine& machine);

/// Whether an enabled flow log records something in `network`, which is one of the model's.
bool has_flow_log(const Model& model, const VirtualNetwork& network);

const FlowLog* find_flow_log(const Model& model, std::string_view name);

}  // namespace emu
