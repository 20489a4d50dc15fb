// SPDX-License-Identifier: Apache-2.0
// emu/lab/lab_state.hpp — how a lab really is: what was saved of it against what the kernel has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emu/lab/lab_record.hpp"
#include "emu/model/model.hpp"

namespace emu {

enum class LabCondition {
  Up,          ///< nothing is amiss
  Changing,    ///< a command is at work on it
  Incomplete,  ///< a command that was at work on it was killed
  Degraded,    ///< something that was made is gone or changed
  Damaged,     ///< what was saved of it cannot be read
};
std::string_view to_string(LabCondition condition);

struct LabState {
  LabCondition condition = LabCondition::Up;
  std::vector<std::string> amiss;  ///< in words: `1 of 5 machines is missing`, `1 program ended`

  bool operator==(const LabState&) const = default;
};

/// `up`, `degraded: 1 of 5 machines is missing, 1 program ended`
std::string state_text(const LabState& state);

/// What to type when the state is not `up`: `'sudo lazuli up /home/ann/lab.yaml' ...`; empty for a lab that is up or changing.
std::string way_out(std::string_view lab, const LabState& state);

/// A look that costs a listing of names and a look at each process: which nodes have no namespace, which programs ended.
LabState glance_at(const Model& model);
/// The same for a lab of which only the name is known: whatever stands in the way of its model is said.
LabState glance_at(std::string_view lab);

/// As `glance_at`; where that finds nothing, everything that `up` sets is read and compared.
LabState look_at(const Model& model);

/// Whether `node` has a namespace.
bool node_is_there(const Model& model, std::string_view node);

}  // namespace emu
