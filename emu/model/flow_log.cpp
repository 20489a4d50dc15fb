// SPDX-License-Identifier: Apache-2.0
#include "emu/model/flow_log.hpp"

#include <algorithm>

#include "emu/model/model.hpp"

namespace emu {
namespace {

/// How close the target is to the interface; 0 when it is not the interface's. A node has its name alone, so names decide.
int rank(const FlowLog& log, const VirtualMachine& machine) {
  const std::string_view target = log.target;
  const auto slash = target.find('/');
  const bool of_network = same_name(target.substr(0, slash), machine.subnet.virtual_network);
  if (slash != std::string_view::npos) return of_network && same_name(target.substr(slash + 1), machine.subnet.subnet) ? 2 : 0;
  if (of_network) return 1;
  return same_name(target, machine.name) ? 3 : 0;
}

}  // namespace

FlowLogTarget find_flow_log_target(const Model& model, std::string_view target) {
  const auto slash = target.find('/');
  if (slash == std::string_view::npos) {
    const auto* network = find_virtual_network(model, target);
    return {network, {}, network == nullptr ? find_virtual_machine(model, target) : nullptr};
  }
  const auto* network = find_virtual_network(model, target.substr(0, slash));
  const auto* subnet = network == nullptr ? nullptr : find_subnet(*network, target.substr(slash + 1));
  return subnet == nullptr ? FlowLogTarget{} : FlowLogTarget{network, subnet->name, nullptr};
}

const FlowLog* flow_log_of(const Model& model, const VirtualMachine& machine) {
  const FlowLog* closest = nullptr;
  int best = 0;
  for (const auto& log : model.flow_logs) {
    const int here = log.enabled ? rank(log, machine) : 0;
    if (here <= best) continue;
    best = here;
    closest = &log;
  }
  return closest;
}

bool has_flow_log(const Model& model, const VirtualNetwork& network) {
  return std::ranges::any_of(model.flow_logs, [&](const FlowLog& log) {
    const auto target = find_flow_log_target(model, log.target);
    return log.enabled &&
           (target.network == &network || (target.machine != nullptr && same_name(target.machine->subnet.virtual_network, network.name)));
  });
}

const FlowLog* find_flow_log(const Model& model, std::string_view name) {
  const auto found = std::ranges::find_if(model.flow_logs, [&](const FlowLog& log) { return same_name(log.name, name); });
  return found == model.flow_logs.end() ? nullptr : &*found;
}

}  // namespace emu
