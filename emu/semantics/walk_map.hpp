// SPDX-License-Identifier: Apache-2.0
// emu/semantics/walk_map.hpp — a model as a walk needs it: everything that is asked for every packet is looked up once.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "emu/model/model.hpp"
#include "emu/semantics/effective_routes.hpp"
#include "emu/semantics/effective_security_rules.hpp"
#include "emu/semantics/peering_state.hpp"
#include "emu/semantics/walk_tunnels.hpp"

namespace emu {

struct NetworkPlace;

/// The routes that a subnet's packets obey.
struct SubnetPlace {
  const NetworkPlace* network = nullptr;
  const Subnet* subnet = nullptr;
  std::vector<EffectiveRoute> routes;
  std::vector<std::pair<Ipv4Prefix, const EffectiveRoute*>> in_force;  ///< longest prefix first; they point into `routes`

  /// The route to `destination`, with the prefix that matched; {} when there is none.
  std::pair<Ipv4Prefix, const EffectiveRoute*> route_to(Ipv4Address destination) const;
};

using SecurityGroups = std::vector<EffectiveSecurityGroup>;

struct MachinePlace {
  const VirtualMachine* machine = nullptr;
  const SubnetPlace* subnet = nullptr;
  const NetworkPlace* network = nullptr;
  Ipv4Address address;
  std::array<std::shared_ptr<const SecurityGroups>, 3> groups;  ///< by Arrival

  const SecurityGroups& groups_for(Arrival arrival) const { return *groups[static_cast<std::size_t>(arrival)]; }
  bool has_groups() const { return !groups_for(Arrival::Usual).empty(); }
};

/// A peering that is Connected, as the network that it is listed in sees it.
struct PeerPlace {
  const NetworkPlace* remote = nullptr;
  const VirtualNetworkPeering* link = nullptr;
};

struct NetworkPlace {
  const VirtualNetwork* network = nullptr;
  std::map<Ipv4Address, const MachinePlace*> machines;  ///< by private address
  std::vector<PeerPlace> peers;
  const GatewayPlace* gateway = nullptr;          ///< its own
  const GatewayPlace* serving_gateway = nullptr;  ///< its own, or the one that a peering uses (PEER-19)
  const SubnetPlace* gateway_subnet = nullptr;
  std::vector<IdlePeering> idle_peerings;

  const PeerPlace* peer(const NetworkPlace& remote) const;
};

/// What a public address is.
struct PublicPlace {
  const MachinePlace* machine = nullptr;
  const NetworkPlace* default_outbound_of = nullptr;
  const GatewayPlace* gateway = nullptr;
  const SitePlace* site = nullptr;
  const InternetHost* host = nullptr;
  const Service* service = nullptr;
};

class WalkMap {
 public:
  /// `resolved` must outlive the map.
  explicit WalkMap(const Model& resolved);
  WalkMap(const WalkMap&) = delete;
  WalkMap& operator=(const WalkMap&) = delete;

  const Model& model() const { return model_; }
  const MachinePlace* machine(std::string_view name) const;
  const SitePlace* site_of_host(std::string_view host) const;
  /// nullptr when nobody has it
  const PublicPlace* public_place(Ipv4Address address) const;

 private:
  void add_networks();
  void add_machines();
  void add_peers(NetworkPlace& place);
  void add_gateways_and_sites();
  void add_public_addresses();
  NetworkPlace* network(std::string_view name);

  const Model& model_;
  std::map<std::string, NetworkPlace> networks_;  ///< by name_key, as the others
  std::map<std::pair<std::string, std::string>, SubnetPlace> subnets_;
  std::map<std::string, MachinePlace> machines_;
  std::map<std::string, GatewayPlace> gateways_;
  std::map<std::string, SitePlace> sites_;
  std::map<std::string, const SitePlace*> sites_by_host_;
  std::map<Ipv4Address, PublicPlace> public_places_;
};

}  // namespace emu
