// SPDX-License-Identifier: Apache-2.0
// emu/semantics/walk_tunnels.hpp — tunnels as a walk needs them: which can connect, and what each end sends into them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "emu/model/model.hpp"

namespace emu {

struct NetworkPlace;
struct GatewayPlace;
struct SitePlace;

/// One end of a tunnel.
struct TunnelPlace {
  const VirtualNetworkGatewayConnection* connection = nullptr;
  const GatewayPlace* to_gateway = nullptr;  ///< the other end, either this
  const SitePlace* to_site = nullptr;        ///< or this; neither: nobody is there
  std::vector<Ipv4Prefix> prefixes;          ///< what this end sends into it
  std::string why_not;                       ///< why it never connects; empty when it does (VPN-16, VPN-31, VPN-33)
  /// Local and remote prefixes that both ends agree on (VPN-19, VPN-20).
  std::vector<std::pair<Ipv4Prefix, Ipv4Prefix>> selectors;

  bool carries(Ipv4Address source, Ipv4Address destination) const;
};

struct GatewayPlace {
  const VirtualNetworkGateway* gateway = nullptr;
  const NetworkPlace* network = nullptr;
  std::vector<TunnelPlace> tunnels;
  std::vector<Ipv4Prefix> serves;  ///< the blocks of its network and of those that use it (PEER-19)
};

struct SitePlace {
  const OnPremises* site = nullptr;
  std::vector<TunnelPlace> tunnels;
};

/// The end of `connection` at Azure, and the one that meets it. The places of both ends are the caller's to fill in.
TunnelPlace gateway_end(const Model& model, const VirtualNetworkGatewayConnection& connection);
TunnelPlace site_end(const Model& model, const VirtualNetworkGatewayConnection& connection, const OnPremises& site);

}  // namespace emu
