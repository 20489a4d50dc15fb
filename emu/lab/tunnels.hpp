// SPDX-License-Identifier: Apache-2.0
// emu/lab/tunnels.hpp — how the connections of a running lab do: from the daemons and the kernel, never from hope.
#pragma once

#include <chrono>
#include <vector>

#include "emu/lab/lab.hpp"
#include "emu/model/connection_status.hpp"
#include "emu/model/model.hpp"

namespace emu {

/// One for each connection, in the order of the model.
///
///   the kernels of both ends have the same keys: packets pass           Connected; with a reason when a daemon that renews them is gone
///   nothing went wrong yet                                              Connecting
///   the last try failed, a daemon does not run, keys were lost, or
///   nobody is at the other end                                          NotConnected, with the reason
///
/// Bytes are those of the tunnel's interface: they go on counting when keys are renewed or the daemon starts again.
/// @throws netns::KernelError when the lab is not running
std::vector<ConnectionStatus> connection_statuses(const Model& model);

/// Waits until every connection that can connect is Connected, at most until `limit`: not for one that was refused, has nobody at
/// its other end or may be started by neither end.
/// @return how they stand then
std::vector<ConnectionStatus> wait_for_connections(const Model& model, std::chrono::seconds limit, const Progress& progress);

}  // namespace emu
