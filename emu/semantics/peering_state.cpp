// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/peering_state.hpp"

#include <fmt/format.h>

namespace emu {
namespace {

constexpr PeeringStatus kInitiated{PeeringState::Initiated, PeeringSyncLevel::RemoteNotInSync};
constexpr PeeringStatus kConnected{PeeringState::Connected, PeeringSyncLevel::FullyInSync};
constexpr PeeringStatus kDisconnected{PeeringState::Disconnected, PeeringSyncLevel::RemoteNotInSync};

}  // namespace

PeeringStatus next_peering_status(std::optional<PeeringState> before, std::optional<PeeringState> counterpart_before,
                                  bool counterpart_declared) {
  // A link that never connected is as good as a new one: neither has a counterpart to lose.
  const auto state = before.value_or(PeeringState::Initiated);
  const auto counterpart = counterpart_before.value_or(PeeringState::Initiated);
  switch (state) {
    case PeeringState::Disconnected: return kDisconnected;
    case PeeringState::Connected: return counterpart_declared && counterpart == PeeringState::Connected ? kConnected : kDisconnected;
    case PeeringState::Initiated: return counterpart_declared && counterpart == PeeringState::Initiated ? kConnected : kInitiated;
  }
  return kInitiated;
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

}  // namespace emu
