// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_map>

#include "emu/model/name_key.hpp"
#include "emu/model/wording.hpp"
#include "emu/semantics/address_allocation.hpp"
#include "emu/semantics/addresses.hpp"
#include "emu/semantics/peering_state.hpp"
#include "emu/semantics/service_addresses.hpp"

namespace emu {
namespace {

/// The networks of a model, or of none, by name.
class NetworksByName {
 public:
  explicit NetworksByName(const Model* model) {
    if (model == nullptr) return;
    for (const auto& network : model->virtual_networks) networks_.emplace(name_key(network.name), &network);
  }

  const VirtualNetwork* find(std::string_view name) const {
    const auto found = networks_.find(name_key(name));
    return found == networks_.end() ? nullptr : found->second;
  }

  /// The link that is the same as `link` of `network`; nullptr when there is none.
  const VirtualNetworkPeering* find_link(std::string_view network, const VirtualNetworkPeering& link) const {
    const auto* owner = find(network);
    if (owner == nullptr) return nullptr;
    const auto found = std::ranges::find_if(owner->peerings, [&](const auto& other) {
      return same_name(other.name, link.name) && same_name(other.remote_virtual_network, link.remote_virtual_network);
    });
    return found == owner->peerings.end() ? nullptr : &*found;
  }

 private:
  std::unordered_map<std::string, const VirtualNetwork*> networks_;
};

std::optional<PeeringState> state_of(const VirtualNetworkPeering* link) {
  return link == nullptr ? std::nullopt : std::optional(link->peering_state);
}

/// The first usable address of GatewaySubnet, which nobody else can have (GWS-2).
std::optional<Ipv4Address> private_address_of(const Model& model, const VirtualNetworkGateway& gateway) {
  const auto* subnet = find_subnet(model, {gateway.virtual_network, std::string(kGatewaySubnet)});
  if (subnet == nullptr || subnet->address_prefixes.empty()) return std::nullopt;
  return Ipv4Address{subnet->address_prefixes.front().first().value + kReservedAtStart};
}

void resolve_peerings(Model& model, const Model* previous, std::vector<std::string>& notes) {
  const NetworksByName now(&model);
  const NetworksByName earlier(previous);
  for (auto& network : model.virtual_networks) {
    for (auto& link : network.peerings) {
      const auto* before = earlier.find_link(network.name, link);
      const auto* remote = now.find(link.remote_virtual_network);
      const auto* counterpart = remote == nullptr || remote == &network ? nullptr : find_peering_to(*remote, network.name);
      const auto* counterpart_before = counterpart == nullptr ? nullptr : earlier.find_link(remote->name, *counterpart);

      link.peering_state = next_peering_state(state_of(before), state_of(counterpart_before), counterpart != nullptr);
      // One that is Disconnected learns nothing any more (SYNC-3).
      const bool learns = remote != nullptr && (link.peering_state != PeeringState::Disconnected || before == nullptr);
      if (learns)
        link.remote_address_space = remote->address_space;
      else
        link.remote_address_space = before == nullptr ? std::vector<Ipv4Prefix>{} : before->remote_address_space;

      const bool stayed_connected =
          before != nullptr && before->peering_state == PeeringState::Connected && link.peering_state == PeeringState::Connected;
      if (stayed_connected && before->remote_address_space != link.remote_address_space) {
        notes.push_back(fmt::format("peering '{}' of '{}': synced the address space of '{}' ({} -> {})", link.name, network.name,
                                    link.remote_virtual_network, joined(before->remote_address_space), joined(link.remote_address_space)));
      }
    }
  }
}

/// When every link knows what it knows.
void resolve_sync_levels(Model& model) {
  const NetworksByName now(&model);
  for (auto& network : model.virtual_networks) {
    for (auto& link : network.peerings) {
      const auto* remote = now.find(link.remote_virtual_network);
      const auto* counterpart = remote == nullptr || remote == &network ? nullptr : find_peering_to(*remote, network.name);
      link.peering_sync_level =
          peering_sync_level(link.peering_state, remote == nullptr || link.remote_address_space == remote->address_space,
                             counterpart != nullptr && counterpart->remote_address_space == network.address_space);
    }
  }
}

}  // namespace

Resolution resolve(const Model& model, const Model* previous) {
  Resolution resolution{model, {}};
  auto& resolved = resolution.model;

  const auto private_given = private_addresses(model, previous);
  const auto public_given = public_addresses(model, previous);
  for (std::size_t i = 0; i < resolved.virtual_machines.size(); ++i) {
    resolved.virtual_machines[i].private_ip_address = private_given[i];
    resolved.virtual_machines[i].public_ip_address = public_given.machines[i];
  }
  for (std::size_t i = 0; i < resolved.virtual_networks.size(); ++i)
    resolved.virtual_networks[i].default_outbound_address = public_given.default_outbound[i];

  for (std::size_t i = 0; i < resolved.virtual_network_gateways.size(); ++i) {
    auto& gateway = resolved.virtual_network_gateways[i];
    gateway.public_ip_address = public_given.gateways[i];
    gateway.private_ip_address = private_address_of(resolved, gateway);
  }
  for (std::size_t i = 0; i < resolved.on_premises.size(); ++i) resolved.on_premises[i].public_ip_address = public_given.sites[i];

  give_service_addresses(resolved, previous);
  resolve_peerings(resolved, previous, resolution.notes);
  resolve_sync_levels(resolved);
  return resolution;
}

}  // namespace emu
