// SPDX-License-Identifier: Apache-2.0
// emu/lab/lab_machine.hpp — scripts/labvm, which has a kernel for every lab, by the way to it from here.
#pragma once

#include <string>

namespace emu {

/// What to do where this kernel cannot have the lab of `file`: a sentence, and below it the command, as it is typed in the current
/// directory. Where this program is in no clone of Lazuli, which has the script, the sentence says where it is.
/// @param file  empty where it came by the standard input
std::string way_to_lab_machine(const std::string& file);

}  // namespace emu
