// SPDX-License-Identifier: Apache-2.0
// emu/scenario/key_files.hpp — shared keys that a lab file does not hold itself but names a file for.
#pragma once

#include <filesystem>

#include "emu/scenario/lab_file.hpp"

namespace emu {

/// Reads every `shared_key_file` of `lab`, relative to `folder`, into the key it is for. One line break at its end is no part of a
/// key. A file that cannot be read, is empty or larger than 1 KB is an error, and one that others than its owner may read a warning.
void read_key_files(LabFile& lab, const std::filesystem::path& folder);

}  // namespace emu
