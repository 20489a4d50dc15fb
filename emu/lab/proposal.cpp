// SPDX-License-Identifier: Apache-2.0
// emu/lab/proposal.cpp — what a file asks of a lab, before anybody looks at the kernel.
#include <optional>
#include <utility>

#include "emu/lab/lab.hpp"
#include "emu/scenario/lab_steps.hpp"
#include "emu/semantics/resolve.hpp"
#include "emu/semantics/validate.hpp"

namespace emu {

Proposal propose(const LabFile& file, std::optional<Model> before) {
  Proposal proposal;
  proposal.before = std::move(before);
  const auto* running = proposal.before ? &*proposal.before : nullptr;
  proposal.diagnostics = file.diagnostics;
  const auto found = validate(file.model, file.positions, running);
  proposal.diagnostics.insert(proposal.diagnostics.end(), found.begin(), found.end());
  sort_by_position(proposal.diagnostics);
  if (has_errors(proposal.diagnostics)) return proposal;

  auto resolution = resolve(file.model, running);
  proposal.after = std::move(resolution.model);
  proposal.notes = std::move(resolution.notes);
  if (file.steps.empty()) return proposal;
  // A lesson starts with a lab that is new; that one that runs is different is found when it is played.
  const bool is_new = running == nullptr;
  if (is_new || !has_errors(validate(file.model, file.positions, nullptr))) {
    const auto of_steps = check_steps(file, is_new ? proposal.after : resolve(file.model, nullptr).model);
    proposal.diagnostics.insert(proposal.diagnostics.end(), of_steps.begin(), of_steps.end());
    sort_by_position(proposal.diagnostics);
  }
  return proposal;
}

Diagnostics check_steps(const LabFile& file, Model start) {
  Diagnostics told;
  for (const auto& step : file.steps) {
    auto proposal = propose(step.lab, std::move(start));
    const auto found = of_step(proposal.diagnostics, step.first, step.last);
    told.insert(told.end(), found.begin(), found.end());
    if (has_errors(found)) break;
    start = std::move(proposal.after);
  }
  return told;
}

}  // namespace emu
