// SPDX-License-Identifier: Apache-2.0
// emu/lab/tunnel_starts.hpp — starts the tunnels that a change of a lab has interrupted.
//
// Theory of operation. A daemon that starts begins with its tunnels itself. One that runs is only told what changed, since nothing comes
// of a tunnel while its two ends know different things: a try with a key that only one end has fails, and the next one may be minutes
// away. When all daemons know everything, the end that is to start a tunnel does so. If nothing changed for its daemon but at the other
// end, it ends what it has and begins anew.
#pragma once

#include "emu/model/model.hpp"
#include "netns/reconcile/reconcile.hpp"

namespace emu {

/// Before a plan is carried out: what went wrong so far with tunnels that it touches is no news any more, and the keys go that a daemon
/// left in its kernel when it was killed: a tunnel that has keys afterwards has new ones.
/// @param before  the lab that runs, or nullptr
/// @throws netns::KernelError
void forget_tunnels(const Model* before, const Model& after, const netns::Plan& plan);

/// After it: starts the tunnels that it touched, and those that lie still or have lost their keys for whatever reason.
/// @throws netns::KernelError, netns::CommandError
void start_tunnels(const Model* before, const Model& after, const netns::Plan& plan);

}  // namespace emu
