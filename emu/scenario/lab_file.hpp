// SPDX-License-Identifier: Apache-2.0
// emu/scenario/lab_file.hpp — reads a lab file (YAML, docs/lab.schema.json) into a model.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "emu/model/diagnostic.hpp"
#include "emu/model/model.hpp"
#include "emu/model/source_map.hpp"

namespace emu {

struct LabStep;

/// What was read. When `diagnostics` has errors the model holds what could be understood, so that `validate` can still
/// report what else is wrong.
struct LabFile {
  std::string file;  ///< as it is printed in diagnostics
  std::string text;  ///< what was read
  Model model;
  SourceMap positions;
  Diagnostics diagnostics;
  bool is_standard_input = false;
  std::vector<LabStep> steps;  ///< of a lesson; none when `diagnostics` has errors
};

/// A step of a lesson.
struct LabStep {
  std::string name;
  Position first;  ///< of its text in the file
  Position last;
  LabFile lab;  ///< what the step makes of the lab, with the step's checks; without text and steps of its own
};

/// Gives the lab of `file` another name, in its steps as well. A resource group that has the lab's name has the new one then.
void rename_lab(LabFile& file, const std::string& name);

/// Reads the text of a lab file, and no other file: a `shared_key_file` leaves the key empty. Never throws for what is in the text:
/// every mistake becomes a diagnostic.
LabFile parse_lab_file(std::string_view text, std::string file);

/// Reads `path`, or `lab.yaml` in it when it is a folder, or the standard input for `-`, and the key files it names. A file that cannot be
/// read is a diagnostic too: a device, a pipe that nobody writes to.
LabFile read_lab_file(const std::filesystem::path& path);

}  // namespace emu
