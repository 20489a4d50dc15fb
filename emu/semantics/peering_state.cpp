// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/peering_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace emu {
namespace {

IdlePeering idle(const Model& model, const VirtualNetwork& owner, const VirtualNetworkPeering& link, std::vector<Ipv4Prefix> leads_to) {
  const auto* only = link.peering_state == PeeringState::Initiated ? "only " : "";
  return {std::move(leads_to), fmt::format("peering '{}' of '{}' is {}{}: {}", link.name, owner.name, only, to_string(link.peering_state),
                                           why_not_connected(model, owner, link))};
}

}  // namespace

PeeringState next_peering_state(std::optional<PeeringState> before, std::optional<PeeringState> counterpart_before,
                                bool counterpart_declared) {
  using enum PeeringState;
  // A link that never connected is as good as a new one: neither has a counterpart to lose.
  const auto state = before.value_or(PeeringState::Initiated);
  const auto counterpart = counterpart_before.value_or(PeeringState::Initiated);
  switch (state) {
    case Disconnected: return Disconnected;
    case Connected: return counterpart_declared && counterpart == Connected ? Connected : Disconnected;
    case Initiated: return counterpart_declared && counterpart == Initiated ? Connected : Initiated;
  }
  return Initiated;
}

PeeringSyncLevel peering_sync_level(PeeringState state, bool local_is_current, bool remote_is_current) {
  using enum PeeringSyncLevel;
  if (!local_is_current) return remote_is_current ? LocalNotInSync : LocalAndRemoteNotInSync;
  return remote_is_current && state == PeeringState::Connected ? FullyInSync : RemoteNotInSync;
}

std::string why_not_connected(const Model& model, const VirtualNetwork& network, const VirtualNetworkPeering& link) {
  if (link.peering_state == PeeringState::Connected) return "";
  const auto& remote_name = link.remote_virtual_network;
  const auto* remote = find_virtual_network(model, remote_name);
  const auto* counterpart = remote == nullptr ? nullptr : find_peering_to(*remote, network.name);
  if (link.peering_state == PeeringState::Disconnected) {
    if (remote == nullptr) return fmt::format("virtual network '{}' was removed", remote_name);
    if (counterpart == nullptr) return fmt::format("'{}' has no peering to '{}' any more", remote_name, network.name);
    return fmt::format("the other side was removed; remove '{}', too, then create both", link.name);
  }
  if (remote == nullptr) return fmt::format("there is no virtual network '{}'", remote_name);
  if (counterpart == nullptr) return fmt::format("'{}' has no peering to '{}' yet", remote_name, network.name);
  return fmt::format("'{}' is {}; remove it, too, then create both", counterpart->name, to_string(counterpart->peering_state));
}

std::vector<IdlePeering> idle_peerings(const Model& model, const VirtualNetwork& network) {
  std::vector<IdlePeering> peerings;
  for (const auto& link : network.peerings)
    if (link.peering_state != PeeringState::Connected) peerings.push_back(idle(model, network, link, link.remote_address_space));
  for (const auto& other : model.virtual_networks) {
    const auto* link = &other == &network ? nullptr : find_peering_to(other, network.name);
    if (link != nullptr && link->peering_state != PeeringState::Connected && find_peering_to(network, other.name) == nullptr)
      peerings.push_back(idle(model, other, *link, other.address_space));
  }
  return peerings;
}

std::string idle_peering_to(const std::vector<IdlePeering>& peerings, Ipv4Address address) {
  const auto found = std::ranges::find_if(peerings, [&](const IdlePeering& peering) {
    return std::ranges::any_of(peering.leads_to, [&](const Ipv4Prefix& prefix) { return prefix.contains(address); });
  });
  return found == peerings.end() ? std::string{} : found->words;
}

}  // namespace emu
