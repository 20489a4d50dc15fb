// SPDX-License-Identifier: Apache-2.0
// emu/fabric/appliances.hpp — the machines that user-defined routes can send packets through, and the links to those in peers.
//
// Theory of operation. A next hop counts when it is in the network itself or in one that is directly peered with it (UDR-7), and
// when its machine has IP forwarding (UDR-8): the platform delivers to any other machine only what is addressed to it.
//
// The way to an appliance in a peer must not depend on the peer's own routes, which may know a shorter one to the packet's
// destination. So each appliance that a network's routes name has a link of its own from there, a transit: in the network it is
// called `via-<address>`, in the peer `for-<network>@<address>`, and what comes in by it looks up a table with one route, to the
// appliance. Packets go over it one way only.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "emu/model/model.hpp"
#include "netns/state/state.hpp"

namespace emu {

struct Appliance {
  const VirtualNetwork* network = nullptr;  ///< that it is in
  const VirtualMachine* machine = nullptr;

  bool operator==(const Appliance&) const = default;
};

/// The appliances that packets from one network can be sent through.
class Appliances {
 public:
  Appliances(const Model& model, const VirtualNetwork& network);

  std::optional<Appliance> find(Ipv4Address address) const;

 private:
  std::unordered_map<std::uint32_t, Appliance> by_address_;
};

/// The link of a router that the machine is a port of.
std::string bridge_of(const Model& model, const VirtualMachine& machine);

/// The transits of one network's router.
struct Transits {
  /// Packets that come in from a network, on their way to an appliance here.
  struct End {
    const VirtualNetwork* from;
    Appliance appliance;
  };

  std::vector<Appliance> starts;  ///< to appliances in peers
  std::vector<End> ends;
};

/// Pure.
Transits transits_of(const Model& model, const VirtualNetwork& network);

/// Adds links, rules and routes of the transits to the router of `network`.
void add_transits(const Model& model, const VirtualNetwork& network, const Transits& transits, netns::Namespace& router);

}  // namespace emu
