// SPDX-License-Identifier: Apache-2.0
// emu/verify/node_taps.hpp — where in a lab the packets of probes were seen, and when.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "emu/model/model.hpp"
#include "netns/capture/packet.hpp"
#include "netns/capture/packet_filter.hpp"
#include "netns/capture/packet_tap.hpp"

namespace emu {

/// A packet of a probe as it crossed one link of one node.
struct Sighting {
  std::string node;
  std::string link;
  netns::Direction direction = netns::Direction::Out;
  std::chrono::nanoseconds time{};  ///< since the epoch
  netns::ProbePacket packet;
};

/// All that a packet can come through: networks, gateways, sites' devices, machines that forward, the internet, and the services.
std::set<std::string> nodes_between(const Model& model);

/// The nodes that have `address`: several where address spaces overlap.
std::set<std::string> nodes_with(const Model& model, Ipv4Address address);

class NodeTaps {
 public:
  /// Listens in `nodes` from now on. @param filter  which packets are of interest
  /// @throws netns::KernelError when a node is missing, or the kernel refuses (CAP_NET_RAW)
  NodeTaps(const Model& model, const std::set<std::string>& nodes, const netns::PacketFilter& filter);

  /// Waits until packets bear the time of their crossing, which their order is told by. Any thread may ask.
  /// @param node  that a few datagrams are sent in, to itself @throws netns::KernelError when it may not
  void await_times(const Model& model, std::string_view node);

  /// Everything with `tag` that was seen until now, in the order of time. Any thread may ask.
  std::vector<Sighting> seen(std::uint32_t tag);

 private:
  struct Tap {
    std::string node;
    netns::PacketTap packets;
  };
  std::once_flag times_;
  std::mutex mutex_;
  std::vector<Tap> taps_;
  std::map<std::uint32_t, std::vector<Sighting>> sightings_;
};

/// The nodes that the requests were seen in, in order, of each try: a try begins where `source` sends. Pure.
std::vector<std::vector<std::string>> ways_through(const std::vector<Sighting>& sightings, std::string_view source);

/// Whether the nodes of `wanted` are in `way` in this order, whatever is between them. Pure.
bool leads_through(const std::vector<std::string>& way, const std::vector<std::string>& wanted);

}  // namespace emu
