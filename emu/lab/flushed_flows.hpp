// SPDX-License-Identifier: Apache-2.0
// emu/lab/flushed_flows.hpp — what a change does to the flows that are known: rules judge them again, translations follow.
#pragma once

#include "emu/model/model.hpp"
#include "netns/reconcile/reconcile.hpp"
#include "netns/state/state.hpp"

namespace emu {

/// When the rules of `after` are in force: has the flows of `machines_to_flush` judged again. Connection tracking does not tell which flows
/// an appliance passes on, so for one of those it is all flows of its network. What it passes on is judged on its way to the appliance; it
/// is known again when it comes back from there.
/// @throws netns::KernelError
void flush_flows(const Model& before, const Model& after);

/// PIP-4: has the flows forgotten whose translation is not what `desired`, the state of `model` that is in force, would give them now
/// (emu/fabric/translations.hpp). All others go on. What `plan` has made anew knows no flows and is not asked.
/// @throws netns::KernelError
void forget_outdated_translations(const Model& model, const netns::State& desired, const netns::Plan& plan);

}  // namespace emu
