// SPDX-License-Identifier: Apache-2.0
// emu/semantics/validate.hpp — Azure's rules for what a model may say.
#pragma once

#include "emu/model/diagnostic.hpp"
#include "emu/model/model.hpp"
#include "emu/model/source_map.hpp"

namespace emu {

/// Every mistake in `model`, in the order of the file. `previous` is the running lab, or nullptr: some of Azure's rules are
/// about what exists already (PEER-6, PEER-9, IPAM-6). Pure.
Diagnostics validate(const Model& model, const SourceMap& positions, const Model* previous);

}  // namespace emu
