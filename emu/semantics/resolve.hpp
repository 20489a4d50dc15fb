// SPDX-License-Identifier: Apache-2.0
// emu/semantics/resolve.hpp — fills in what Azure decides: addresses and peering states.
#pragma once

#include <string>
#include <vector>

#include "emu/model/model.hpp"

namespace emu {

struct Resolution {
  Model model;                     ///< every property marked "resolved" is set
  std::vector<std::string> notes;  ///< what a person should know: an address space synced to a peer (SYNC-1..4), …
};

/// Resolves a model that `validate` found without errors. What `previous` (the running lab, or nullptr) was given stays: a
/// machine keeps its dynamic addresses (IPAM-2), a peering goes on from the state it is in (PEER-1..7). Pure.
Resolution resolve(const Model& model, const Model* previous);

}  // namespace emu
