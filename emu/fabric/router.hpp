// SPDX-License-Identifier: Apache-2.0
// emu/fabric/router.hpp — the namespace of one virtual network.
#pragma once

#include <cstdint>

#include "emu/fabric/appliances.hpp"
#include "emu/model/model.hpp"
#include "netns/state/state.hpp"

namespace emu {

/// Of every policy rule: before the kernel's own ones for the main table.
inline constexpr std::uint32_t kRulePriority = 1000;

/// The routers' own address on their links to each other and to the internet: link-local, one for each virtual network, derived
/// from the outbound address that `resolve` gave it.
Ipv4Address router_address(const VirtualNetwork& network);
/// The internet's, on every one of its links.
Ipv4Address internet_address();

/// The bridge of a subnet that a machine with `address` is a port of, counted from 0. A bridge has at most 1023 ports; the
/// address decides, so that a machine keeps its bridge whoever comes and goes.
unsigned shard_of(const Subnet& subnet, Ipv4Address address);

/// The prefix of `subnet` that holds `address`; an empty one when none does.
Ipv4Prefix prefix_of(const Subnet& subnet, Ipv4Address address);

/// A machine's address on the wire, in the style of IPAM-9; unique on its bridge.
MacAddress mac_address(const Subnet& subnet, Ipv4Address address);

/// The router of `network` with the ports of its machines.
netns::Namespace build_router(const Model& model, const VirtualNetwork& network);

/// The router's nftables ruleset: anti-spoofing on the ports, what may pass, and NAT at the edge.
netns::Ruleset router_ruleset(const Model& model, const VirtualNetwork& network, const Transits& transits);

/// NSG-12: a flow that carries this mark (nft(8), `ct mark`) is judged by the router's rules once more.
inline constexpr std::uint32_t kJudgeAgain = 1;

/// Switches of a namespace that forwards.
std::map<std::string, std::string> forwarding_sysctls();

/// Where there are rules of routing, the kernel looks up the way back to the sender of every packet, also with rp_filter 0, only to see
/// that the sender is not itself (fib_validate_source). Who a sender is, bindings of ports decide here, so that look is saved: on the way
/// between two peers it takes a tenth of the time.
std::pair<std::string, std::string> no_second_look_at_senders();

}  // namespace emu
