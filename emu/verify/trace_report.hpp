// SPDX-License-Identifier: Apache-2.0
// emu/verify/trace_report.hpp — a packet's way for people and for programs.
#pragma once

#include <string>
#include <string_view>

#include "emu/verify/trace.hpp"

namespace emu {

/// A line a node, in the order in which the packet came through, with the links it came and left by and its addresses where they
/// changed; below it what Azure's rules say there; then the answer's way, and what it came to.
///
///     vm1 -> 10.2.0.4  ping
///       0.000 ms  vm1    > eth0                10.1.0.4 -> 10.2.0.4
///       0.005 ms  vnet1  vm-vm1 > peer-vnet2
///                   vnet1/default: route 10.2.0.0/16 -> VNetPeering vnet2
///       ...
///     reachable in 0.031 ms over the peering, as Azure's rules say
/// @param target  as it was asked for
std::string trace_text(const Flow& flow, std::string_view target, const Trace& trace);

/// One JSON object, indented, with a newline at its end. `connectionStatus` and `avgLatencyInMs` are Azure's (NW-3); the hops are
/// Lazuli's own: they are nodes that packets were seen in, and Azure names none between a machine and its destination but appliances.
std::string trace_json(const Flow& flow, std::string_view target, const Trace& trace);

}  // namespace emu
