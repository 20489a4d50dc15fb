// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/peering_state.hpp"

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

}  // namespace emu
