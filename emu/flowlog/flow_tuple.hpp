// SPDX-License-Identifier: Apache-2.0
// emu/flowlog/flow_tuple.hpp — what a flow log holds, in Azure's words: tuples, and records of them (FLOW-1, FLOW-2).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emu/model/model.hpp"
#include "netns/flows/flow.hpp"

namespace emu {

/// Milliseconds since the epoch.
using FlowTime = std::chrono::sys_time<std::chrono::milliseconds>;

enum class FlowDirection { Inbound, Outbound };
enum class FlowState { Begin, Continuing, End, Denied };

struct FlowTuple {
  FlowTime time;
  netns::FlowEnds ends;
  FlowDirection direction = FlowDirection::Inbound;
  FlowState state = FlowState::Begin;
  netns::FlowCount sent;  ///< by the source, since the tuple before
  netns::FlowCount received;

  bool operator==(const FlowTuple&) const = default;
};

/// `1663146003599,10.0.0.6,52.239.184.180,23956,443,6,O,B,NX,0,0,0,0`; nothing here is ever encrypted.
std::string to_string(const FlowTuple& tuple);
/// nullopt when `text` is not what `to_string` writes.
std::optional<FlowTuple> parse_flow_tuple(std::string_view text);

/// Where a tuple belongs: the log, the interface, and the rule that decided.
struct FlowPlace {
  std::string flow_log;
  std::string machine;                 ///< whose interface it is
  std::string network_security_group;  ///< empty: none decided
  std::string rule;                    ///< `DefaultRule_AllowVnetInBound`, the user's own name, `PlatformRule` (FLOW-3)

  auto operator<=>(const FlowPlace&) const = default;
};

struct FlowEntry {
  FlowPlace place;
  FlowTuple tuple;

  bool operator==(const FlowEntry&) const = default;
};

/// Where no rule of a group decided.
inline constexpr std::string_view kPlatformRule = "PlatformRule";

/// A line of JSON for each interface and log, by the name of the flow log; in `model` are the interfaces. Pure.
/// @param time  when they are written
std::vector<std::pair<std::string, std::string>> flow_records(const Model& model, const std::vector<FlowEntry>& entries, FlowTime time);

/// How a flow log spells the MAC address of a machine's interface: `00224871C205`.
std::string flow_log_mac(const Model& model, const VirtualMachine& machine);

/// A GUID for a name, always the same, and another one for another name.
std::string guid_of(std::string_view name);

}  // namespace emu
