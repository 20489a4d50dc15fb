// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "emu/model/wording.hpp"
#include "emu/semantics/rules.hpp"

namespace emu {
namespace {

std::string flow_log_path(std::size_t log) { return fmt::format("flow_logs[{}]", log); }

}  // namespace

void check_flow_logs(const Subject& subject, Findings& findings) {
  const auto& logs = subject.model.flow_logs;
  check_names_in_list(logs, "flow log", flow_log_path, findings);
  std::unordered_map<std::string, std::size_t> targets;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const auto& target = logs[i].target;
    if (target.empty()) continue;
    const auto path = flow_log_path(i) + ".target";
    const auto found = find_flow_log_target(subject.model, target);
    if (found.network == nullptr && found.machine == nullptr)
      findings.missing(path, {"virtual network", "subnet", "virtual machine"},
                       fmt::format("there is no virtual network, subnet or virtual machine {}", in_quotes(target)),
                       "write a network, network/subnet, or a virtual machine");
    const auto [first, is_new] = targets.emplace(name_key(target), i);
    if (!is_new)
      findings.error(path, fmt::format("flow log {} has the target of {}: a target has one flow log", in_quotes(logs[i].name),
                                       in_quotes(logs[first->second].name)));
  }
}

}  // namespace emu
