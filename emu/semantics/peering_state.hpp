// SPDX-License-Identifier: Apache-2.0
// emu/semantics/peering_state.hpp — the state machine of a peering link (PEER-1..8).
//
// Theory of operation. A peering is two links, one listed in each virtual network; each has a state of its own. A lab file says
// which links there are, not what happened, so the state follows from where both links stood in the running lab and from
// whether the counterpart is declared now. A link is the same link as before when its network, its name and its remote are; a
// link that changed any of them was deleted and another one created.
//
//   this link    its counterpart, the link back             this link      why
//   before       before                 now                 next
//   -----------  ---------------------  ------------------  -------------  -------------------------------------------------
//   new, Init.   any                    absent              Initiated      PEER-1: waits for the other side
//   new, Init.   new, Initiated         declared            Connected      PEER-2: the side that completes it connects both
//   new, Init.   Connected              declared            Initiated      this side was replaced, so the other one lost its
//                                                                          counterpart and is Disconnected from now on
//   new, Init.   Disconnected           declared            Initiated      PEER-6: Azure refuses this, and so does `validate`
//   Connected    Connected              declared            Connected
//   Connected    any                    absent              Disconnected   PEER-5, SUB-11: the link or its network was deleted
//   Connected    new (was replaced)     declared            Disconnected   PEER-8: another link is not the old one
//   Disconn.     any                    any                 Disconnected   PEER-5: until it is deleted
//
// `Connected` always comes to both links at once. Recovery is what it is in Azure: delete the Disconnected link, too, then create
// it again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emu/model/model.hpp"

namespace emu {

/// The state of a link that is declared now.
/// @param before  the state of this link in the running lab; empty when it is new
/// @param counterpart_before  the same of the link back, as it is declared now; empty when that one is new or absent
PeeringState next_peering_state(std::optional<PeeringState> before, std::optional<PeeringState> counterpart_before,
                                bool counterpart_declared);

/// SYNC-3, PEER-1. Only a Connected link is FullyInSync; where nothing else differs, it is the other side that is missing.
/// @param local_is_current  whether the link knows the address space that its remote has now
/// @param remote_is_current  the same of the link back; false when there is none
PeeringSyncLevel peering_sync_level(PeeringState state, bool local_is_current, bool remote_is_current);

/// Why `link` of `network` is not Connected and what would change that, in a phrase; empty when it is.
/// @param model  resolved
std::string why_not_connected(const Model& model, const VirtualNetwork& network, const VirtualNetworkPeering& link);

/// A peering that a network has a part in and that carries nothing, since it is not Connected (PEER-4).
struct IdlePeering {
  std::vector<Ipv4Prefix> leads_to;  ///< what it would lead to
  std::string words;                 ///< `peering 'hub-to-spoke' of 'hub' is only Initiated: 'spoke' has no peering to 'hub' yet`
};

/// Of `network`: its own links that are not Connected, and those that point at it while it has none that points back.
/// @param model  resolved
std::vector<IdlePeering> idle_peerings(const Model& model, const VirtualNetwork& network);

/// The words of the first of `peerings` that would lead to `address`; empty when none would.
std::string idle_peering_to(const std::vector<IdlePeering>& peerings, Ipv4Address address);

}  // namespace emu
