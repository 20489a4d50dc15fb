// SPDX-License-Identifier: Apache-2.0
// emu/semantics/walk.hpp — one flow's way over a model, there and back.
//
// Theory of operation. `travel` takes the packet from a place to the next one until it is where it is addressed to, or lost. Each kind of
// place has a function that says what leaves it: walk.cpp for machines, walk_edge.cpp for the way to the internet and over it,
// walk_gateways.cpp for gateways and sites, walk_services.cpp for services. Whoever translates an address, or lets a flow pass, remembers
// it for the answer. Flows are known to a network as a whole, not to each interface (docs/azure-fidelity.md, NSG-11).
#pragma once

#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "emu/semantics/reachability.hpp"
#include "emu/semantics/walk_map.hpp"

namespace emu {

struct SiteHostPlace {
  const SitePlace* site = nullptr;
  const OnPremisesHost* host = nullptr;

  auto operator<=>(const SiteHostPlace&) const = default;
};

/// A service as somebody reached it.
struct ServicePlace {
  const Service* service = nullptr;
  const SubnetPlace* endpoint = nullptr;  ///< the subnet whose service endpoint was used; nullptr: over the internet

  auto operator<=>(const ServicePlace&) const = default;
};

/// Where a packet is.
using Place = std::variant<const MachinePlace*, const GatewayPlace*, const SitePlace*, SiteHostPlace, const InternetHost*, ServicePlace>;

/// Where something happens to a packet, as a Step says it.
struct Where {
  std::string place;
  std::string node;
};

/// Whether a service lets a caller in, and why.
struct Admission {
  bool admitted = false;
  std::string words;
};

class Walk {
 public:
  /// @param translates  whether appliances that run commands of their own put their address on what they pass on
  Walk(const WalkMap& map, bool translates) : map_(map), translates_(translates) {}

  Prediction run(const Flow& flow, const Place& from, Ipv4Address source);

  /// Whether such an appliance was on the way.
  bool met_program() const { return met_program_; }

 private:
  using Next = std::optional<Place>;  ///< empty: lost, and said why

  Next travel(Place at);
  Next leave(const Place& at);
  bool is_at_home(const Place& place) const;
  Fate answer_of(const Place& place, const Flow& flow, Prediction& prediction) const;

  // walk.cpp: machines and networks
  Next leave_machine(const MachinePlace& from);
  Next follow(const SubnetPlace& subnet, const MachinePlace* sender);
  Next deliver(const NetworkPlace& network, Arrival arrival);
  Next receive(const MachinePlace& machine, Arrival arrival, bool by_edge = false);
  Next through_appliance(const SubnetPlace& subnet, const EffectiveRoute& route, const MachinePlace* sender);
  std::optional<Arrival> cross_peering(const NetworkPlace& from, const NetworkPlace& to, const MachinePlace* sender);
  bool passes(const MachinePlace& machine, RuleDirection direction, Arrival arrival, bool by_edge);

  // walk_edge.cpp
  Next leave_by_edge(const SubnetPlace& subnet, const MachinePlace* sender);
  Next cross_internet();
  Next enter_by_edge(const PublicPlace& place);

  // walk_gateways.cpp
  Next to_gateway(const NetworkPlace& network, const MachinePlace* sender);
  Next leave_gateway(const GatewayPlace& gateway);
  Next leave_site(const SitePlace& site);
  Next enter_tunnel(const TunnelPlace& tunnel, const std::string& node);

  // walk_services.cpp
  Next to_service(const SubnetPlace& subnet, const MachinePlace* sender);
  Next leave_service(const ServicePlace& place);
  Admission admits(const ServicePlace& place) const;

  struct Translation {
    const void* by;  ///< the place that knows it
    Ipv4Address shown;
    Ipv4Address original;
  };

  /// Puts `shown` in the place of the packet's source and remembers it.
  void translate(const void* by, Ipv4Address shown);
  /// Undoes what `by` did for the packet that this one answers. @return whether it did anything
  bool translate_back(const void* by);

  std::string idle_peering_words(const NetworkPlace& network) const;
  void note(const Where& where, std::string words);
  Next lose(const Where& where, std::string words);
  void remember(const NetworkPlace& network);
  bool is_known(const NetworkPlace& network) const;

  const WalkMap& map_;
  bool translates_;
  bool met_program_ = false;
  bool answering_ = false;
  bool loops_ = false;
  Packet packet_;
  std::vector<Step> steps_;
  std::string lost_;         ///< why, when it is
  std::string first_route_;  ///< of the way there
  std::string last_rule_;    ///< of the way there
  std::set<std::tuple<const NetworkPlace*, Ipv4Address, Ipv4Address>> known_;
  std::vector<Translation> translations_;
};

/// `vm app1`, `gateway gw`, `site dc`, `laptop`, `service contosodata`
std::string name_of(const Place& place);
/// The name of the resource alone: `app1`.
const std::string& node_of(const Place& place);

Where where_is(const Place& place);
Where where_is(const SubnetPlace& subnet);
Where where_is(const NetworkPlace& network);

}  // namespace emu
