// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/flow_log_changes.hpp"

#include "emu/semantics/differences.hpp"

namespace emu {
namespace {

std::string describe(const FlowLog& log) { return fmt::format("of {}{}", log.target, log.enabled ? "" : ", not enabled"); }

std::optional<Change> change_of(const differences::Pair<FlowLog>& pair) {
  const auto name = "flow log " + name_of(pair);
  if (auto change = differences::come_or_gone(pair, name, [](const auto& resource) { return describe(resource); })) return change;
  differences::Differences out;
  out.compare("target", pair.before->target, pair.after->target);
  out.compare("enabled", pair.before->enabled, pair.after->enabled);
  return out.as_change(name);
}

}  // namespace

std::vector<Change> flow_log_changes(const Model& before, const Model& after) {
  std::vector<Change> out;
  for (const auto& pair : differences::pairs_by_name(before.flow_logs, after.flow_logs))
    if (auto change = change_of(pair)) out.push_back(*std::move(change));
  return out;
}

}  // namespace emu
