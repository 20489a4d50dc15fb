// SPDX-License-Identifier: Apache-2.0
#include "emu/lab/lab_state.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/vfs.h>

#include <algorithm>

#include "emu/fabric/fabric.hpp"
#include "emu/fabric/names.hpp"
#include "emu/lab/lab.hpp"
#include "emu/lab/store.hpp"
#include "emu/report/terminal.hpp"
#include "netns/namespace/namespace.hpp"
#include "netns/namespace/records.hpp"
#include "netns/reconcile/reconcile.hpp"

namespace emu {
namespace {

constexpr std::size_t kMostNamed = 3;

/// Whether a namespace stands behind the name: without one it is a plain file, which a killed command left.
bool has_namespace(std::string_view name) {
  constexpr long kNamespaceFiles = 0x6e736673;  // NSFS_MAGIC
  struct statfs there {};
  return ::statfs(netns::namespace_path(name).c_str(), &there) == 0 && there.f_type == kNamespaceFiles;
}

/// `1 of 5 machines is missing: vm1`
std::string missing_text(std::size_t all, const char* noun, const std::vector<std::string>& missing) {
  auto text = fmt::format("{} of {} {}{} {} missing", missing.size(), all, noun, all == 1 ? "" : "s", missing.size() == 1 ? "is" : "are");
  if (missing.size() <= kMostNamed) text += fmt::format(" ({})", fmt::join(missing, ", "));
  return text;
}

void add_missing_nodes(const Model& model, LabState& state) {
  std::vector<std::string> machines;
  std::vector<std::string> others;
  const auto nodes = nodes_of(model);
  const auto there = netns::presence_of(records_of(model.lab).namespaces).present;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (std::ranges::binary_search(there, namespace_name(model.lab, nodes[i]))) continue;
    (i < model.virtual_machines.size() ? machines : others).push_back(nodes[i]);  // nodes_of begins with the machines
  }
  if (!machines.empty()) state.amiss.push_back(missing_text(model.virtual_machines.size(), "machine", machines));
  if (!others.empty()) state.amiss.push_back(missing_text(nodes.size() - model.virtual_machines.size(), "other node", others));
}

void add_failed_programs(const Model& model, LabState& state) {
  std::vector<std::string> ended;
  for (const auto& process : records_of(model.lab).processes.failures())
    ended.push_back(fmt::format("{} in {}", process.name, process.name_space.substr(namespace_name(model.lab, "").size())));
  if (ended.empty()) return;
  state.amiss.push_back(fmt::format("{} program{} ended", ended.size(), ended.size() == 1 ? "" : "s"));
  if (ended.size() <= kMostNamed) state.amiss.back() += fmt::format(" ({})", fmt::join(ended, ", "));
}

/// What is different in the kernel, one line a step that would put it right.
void add_drift(const Model& model, LabState& state) {
  const auto records = records_of(model.lab);
  const auto desired = build_state(model, places_of(model.lab));
  const auto plan = netns::diff(desired, netns::observe(namespace_name(model.lab, ""), desired, records));
  const auto steps = netns::step_lines(plan);
  if (const auto files = files_amiss(model.lab, surrounding_files(model)); !files.empty())
    state.amiss.push_back(fmt::format("{} file{} of names {} not as written: {}", files.size(), files.size() == 1 ? "" : "s",
                                      files.size() == 1 ? "is" : "are", fmt::join(files, ", ")));
  if (steps.empty()) return;
  auto text = fmt::format("{} thing{} in the kernel differ{}", steps.size(), steps.size() == 1 ? "" : "s", steps.size() == 1 ? "s" : "");
  const auto shown = std::min(steps.size(), kMostNamed);
  text += fmt::format("; to do: {}{}", fmt::join(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                      shown < steps.size() ? ", ..." : "");
  state.amiss.push_back(std::move(text));
}

/// Of a lab that a command has begun to change, and may still be at.
LabState unfinished(std::string_view lab, std::string interrupted) {
  if (const auto pid = lock_holder(lab)) return {LabCondition::Changing, {fmt::format("lazuli (pid {}) is at work on it", *pid)}};
  return {LabCondition::Incomplete, {std::move(interrupted)}};
}

/// What the record says, before any look at the kernel.
LabState recorded(std::string_view lab) {
  const auto record = load_record(lab);
  return record && !record->changing.empty() ? unfinished(lab, fmt::format("'{}' was interrupted", record->changing)) : LabState{};
}

void conclude(LabState& state) {
  if (state.condition == LabCondition::Up && !state.amiss.empty()) state.condition = LabCondition::Degraded;
}

}  // namespace

std::string_view to_string(LabCondition condition) {
  switch (condition) {
    case LabCondition::Up: return "up";
    case LabCondition::Changing: return "changing";
    case LabCondition::Incomplete: return "incomplete";
    case LabCondition::Degraded: return "degraded";
    case LabCondition::Damaged: return "damaged";
  }
  return "";
}

std::string state_text(const LabState& state) {
  return state.amiss.empty() ? std::string(to_string(state.condition))
                             : fmt::format("{}: {}", to_string(state.condition), fmt::join(state.amiss, ", "));
}

std::string way_out(std::string_view lab, const LabState& state) {
  if (state.condition == LabCondition::Up || state.condition == LabCondition::Changing) return {};
  const auto record = load_record(lab);
  const bool is_removed = record && record->changing == "down";
  const auto remove = command_text(fmt::format("down {}", lab));
  if (is_removed) return fmt::format("'{}' removes the rest", remove);
  return fmt::format("'{}' puts it right, '{}' removes it", up_command(lab), remove);
}

LabState glance_at(const Model& model) {
  auto state = recorded(model.lab);
  if (state.condition == LabCondition::Changing) return state;
  add_missing_nodes(model, state);
  add_failed_programs(model, state);
  conclude(state);
  return state;
}

LabState glance_at(std::string_view lab) {
  try {
    if (const auto model = load_model(lab)) return glance_at(*model);
  } catch (const DamagedLab& damaged) {
    return {LabCondition::Damaged, {damaged.what()}};
  }
  const auto state = recorded(lab);
  return state.condition == LabCondition::Up ? unfinished(lab, "nothing was saved of it") : state;
}

LabState look_at(const Model& model) {
  auto state = glance_at(model);
  if (state.condition != LabCondition::Up) return state;
  add_drift(model, state);
  conclude(state);
  return state;
}

bool node_is_there(const Model& model, std::string_view node) { return has_namespace(namespace_name(model.lab, node)); }

}  // namespace emu
