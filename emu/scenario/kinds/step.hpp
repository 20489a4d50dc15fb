// SPDX-License-Identifier: Apache-2.0
// emu/scenario/kinds/step.hpp — a step of a lesson, before its change is laid over the lab.
#pragma once

#include <algorithm>
#include <string>

#include "emu/scenario/kinds/common.hpp"

namespace emu {

/// What it points at is the tree's.
struct StepText {
  std::string name;
  const YamlNode* change = nullptr;
  const YamlEntry* checks = nullptr;  ///< with its key
};

inline void read_change(FieldReader& reader, const Place& place, StepText& step) {
  if (place.node.kind == YamlNode::Kind::Mapping)
    step.change = &place.node;
  else if (place.node.kind != YamlNode::Kind::Refused)
    reader.error(place, "'change' must be what changes in the lab, written like a lab file", "",
                 "write it like change: {virtual_networks: [...]}");
}

/// They are read with the lab that the step makes.
inline void read_checks_of_step(FieldReader& /*reader*/, const Place& /*place*/, StepText& /*step*/) {}

template <>
struct ObjectKind<StepText> {
  using T = StepText;
  static constexpr std::string_view kTitle = "step";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"change", read_change},
      Field<T>{"checks", read_checks_of_step},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& reader, const Place& place, T& step) {
    const auto found = std::ranges::find_if(place.node.entries, [](const YamlEntry& entry) { return entry.key.text == "checks"; });
    if (found != place.node.entries.end() && found->value.kind != YamlNode::Kind::Null) step.checks = &*found;
    if (place.node.kind == YamlNode::Kind::Mapping && !reader.is_written(place, "change") && step.checks == nullptr)
      reader.error(place, "a step changes something, or checks something", "", "give it a change, checks, or both");
  }
};

}  // namespace emu
