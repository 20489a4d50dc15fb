// SPDX-License-Identifier: Apache-2.0
// emu/scenario/lab_steps.hpp — the steps of a lesson in a lab file: what each changes, as the text of a whole lab.
//
// Theory of operation. A change is laid over the lab as it was before, as a JSON merge patch is (RFC 7396): a mapping is gone through key
// by key, a key with nothing behind it is taken out, anything else takes the place of what was there. Lists whose items have names are
// changed item by item: one that is there is changed, one that is not is added, `{name: X, remove: true}` takes one out. What comes of it
// is a tree like that of a file, whose parts know the lines that they are from, so that it is read and judged like a file.
#pragma once

#include <string>
#include <vector>

#include "emu/model/diagnostic.hpp"
#include "emu/model/source_map.hpp"
#include "emu/scenario/yaml_tree.hpp"

namespace emu {

/// A step, and the lab that it makes.
struct StepTree {
  std::string name;
  Position first;  ///< of the step's text
  Position last;
  YamlNode lab;  ///< with the step's checks, without steps
};

/// The steps in the lab file with this root; none, and told in `diagnostics`, when they cannot be understood.
/// @param positions  of the file: gets those of the steps
std::vector<StepTree> read_steps(const YamlNode& root, SourceMap& positions, Diagnostics& diagnostics);

/// What a reader of the file is to know of the diagnostics of a step's lab: those about the step's own lines, and every other error, as
/// one of the step. Warnings about other lines are told of the lab, or of the step that they are of.
Diagnostics of_step(const Diagnostics& found, Position first, Position last);

}  // namespace emu
