// SPDX-License-Identifier: Apache-2.0
// emu/verify/trace.hpp — one packet's way through the running lab and its answer's way back, link by link, with the rules that say why.
//
// Theory of operation. Taps in every node that a packet may cross see each packet of one probe by its tag (netns/capture/packet.hpp),
// before and after every translation, with the kernel's time of each crossing. In the order of these times they are the way that was
// taken: measured, not computed. Beside each node stand the words of Azure's rules about it (emu/semantics/reachability.hpp). Inside a
// tunnel a packet is encrypted and seen by nobody, so the node after a gateway is the device at the other end.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emu/model/model.hpp"
#include "emu/semantics/reachability.hpp"
#include "emu/verify/node_taps.hpp"
#include "emu/verify/probe.hpp"
#include "emu/verify/target.hpp"
#include "netns/capture/packet.hpp"

namespace emu {

/// A packet's stay in one node.
struct TraceHop {
  std::string node;
  std::string in;                   ///< the link that it came by; empty where it starts
  std::string out;                  ///< the link that it left by; empty where it ends
  std::chrono::nanoseconds time{};  ///< since the request left its source
  netns::ProbePacket came;          ///< as it was first seen here
  netns::ProbePacket left;          ///< as it was last seen here: other addresses where the node translates
  std::vector<std::string> words;   ///< what Azure's rules say to it here
};

/// An appliance that sent the packet on to another destination than it had (DNAT): rules of its own, of which Azure knows nothing.
struct Turn {
  std::size_t hop = 0;     ///< of the way there
  std::string node;        ///< the appliance
  Ipv4Address address;     ///< where the packet went from there
  std::uint16_t port = 0;  ///< 0 for ping
  bool as_own = false;     ///< whether it went on with the appliance's address as its source

  bool operator==(const Turn&) const = default;
};

struct Trace {
  std::vector<TraceHop> there;
  std::vector<TraceHop> back;  ///< of the answer, also of an ICMP error; empty when nobody answered
  std::optional<Path> path;
  ProbeResult measured;
  Prediction predicted;
  std::optional<Turn> turn;  ///< the last one
  bool agrees = false;       ///< as `judge_trace` says
};

/// The ways of the first try that was answered, or of the first one; `words` are empty. Pure.
/// @param source  the node that asks
Trace ways_of(std::vector<Sighting> sightings, std::string_view source);

/// Puts each step's words to the hop that it is about; what is about a node that was not reached, to the last one. Pure.
void explain(std::vector<TraceHop>& hops, const std::vector<Step>& steps);

/// The last turn on the way `there`; empty when no machine of the lab's made one. Pure.
std::optional<Turn> turn_of(const Model& model, const std::vector<TraceHop>& there);

/// Whether what was measured is what Azure's rules say. They say nothing about what an appliance does inside: of a packet that it
/// turned they are asked up to there, where it has to come, and from there on anew, as of a packet of the appliance's, when it went on
/// as one. Nor do they say who listens: what may arrive and be refused may be taken, too. Sets `agrees` and the hops' words. Pure.
/// @param trace  with its ways, what was measured, the turn, and what was predicted, which becomes what is predicted from the turn on
void judge_trace(const Model& model, const Flow& flow, Trace& trace);

/// Asks with one probe and follows its packets. The lab must be running; no packet leaves it.
/// @param model  resolved
/// @param target  what `flow` is for, as a page's request names it
/// @throws netns::KernelError when the lab is not running, or without the privileges to look into it
/// @throws std::invalid_argument when there is no node `flow.from` that sends
Trace run_trace(const Model& model, const Flow& flow, const Target& target);

}  // namespace emu
