// SPDX-License-Identifier: Apache-2.0
// emu/fabric/translations.hpp — which known flows are translated otherwise than the rules in force would translate them.
//
// Theory of operation. In Azure a public address is a stateless 1:1 NAT (PIP-4): the next packet goes where the address is now. The
// kernel chooses a flow's translation once, by its first packet, and keeps it. So when rules or routes have changed, `up` compares every
// known flow with what would become of its first packet today, and forgets those that differ (emu/lab/flushed_flows.hpp). Nothing but
// the flows themselves says which they are: an `up` that was killed between a change and this is made good by the next one.
//
// Two kinds of namespace translate: a network's router, by public addresses and the shared outbound address, and a site's device, by its
// own. A flow that leads to the edge now has to be translated, one that leads elsewhere (to an appliance, a gateway, a service endpoint)
// must not be.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "emu/model/model.hpp"
#include "netns/flows/flow.hpp"
#include "netns/state/state.hpp"

namespace emu {

using IsOutdated = std::function<bool(const netns::Flow&)>;

/// For each namespace that translates, whether a flow which it knows has another translation than it would get now. The functions refer to
/// `model` and `state`, its desired state, and look at nothing before they are called first. Pure.
std::map<std::string, IsOutdated> outdated_translations(const Model& model, const netns::State& state);

}  // namespace emu
