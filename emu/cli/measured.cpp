// SPDX-License-Identifier: Apache-2.0
#include "emu/cli/measured.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "emu/lab/lab.hpp"
#include "emu/lab/lab_state.hpp"

namespace emu::cli {
namespace {

bool has_every_node(const Model& model) {
  const auto nodes = nodes_of(model);
  return std::ranges::all_of(nodes, [&](const std::string& node) { return node_is_there(model, node); });
}

}  // namespace

UnchangedLab::UnchangedLab(const Naming& naming) : before_(load_record(naming.lab())), model_(naming.running()) { require_whole(); }

void UnchangedLab::require_whole() const {
  if ((!before_ || before_->changing.empty()) && has_every_node(model_)) return;
  require_unchanged();
  const auto state = glance_at(model_);
  if (state.condition == LabCondition::Changing)
    throw std::runtime_error(fmt::format("lab '{}' is {}: run this again when that is done", model_.lab, state_text(state)));
  throw std::runtime_error(
      fmt::format("lab '{}' cannot be measured, it is {}; {}", model_.lab, state_text(state), way_out(model_.lab, state)));
}

void UnchangedLab::require_unchanged() const {
  if (load_record(model_.lab) == before_) return;
  throw std::runtime_error(fmt::format("lab '{}' changed while it was measured; run it again", model_.lab));
}

}  // namespace emu::cli
