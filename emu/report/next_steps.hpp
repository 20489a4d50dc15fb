// SPDX-License-Identifier: Apache-2.0
// emu/report/next_steps.hpp — what a person can try in a lab that just came up.
#pragma once

#include <string>

#include "emu/model/model.hpp"

namespace emu {

/// A few commands, one a line with what it shows, made of the lab's own names and addresses.
/// @param with_lab  whether other labs run, so that commands have to name this one
std::string next_steps(const Model& model, bool with_lab);

}  // namespace emu
