// SPDX-License-Identifier: Apache-2.0
// emu/fabric/tunnel.hpp — the ends of a site-to-site VPN's tunnels, as an IKE daemon and the kernel know them.
//
// Theory of operation. A tunnel has two ends, each in a namespace of its own with a public address on the link `internet`: a
// virtual network gateway and a site's device, or two gateways, which know each other by name (Vnet2Vnet) or by a local network gateway
// with the other's public address (IPsec). Each end is configured by what is known on its side alone:
// nothing makes the two agree. At each end an xfrm interface stands for the tunnel. It takes every packet that is routed to it, so
// the routes decide what enters (VPN-19); policy-based selectors (VPN-20) narrow that down.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emu/fabric/fabric.hpp"
#include "emu/model/model.hpp"
#include "netns/ipsec/configuration.hpp"
#include "netns/state/state.hpp"

namespace emu {

/// One end of a tunnel, and what is routed to it.
struct TunnelEnd {
  netns::IpsecConnection connection;
  std::vector<Ipv4Prefix> routes;
  bool responds = true;  ///< whether the other end may start (VPN-33)
  std::string alias;     ///< the connection's path

  bool operator==(const TunnelEnd&) const = default;
};

/// The tunnels of a gateway: one for each connection whose other end has an address.
std::vector<TunnelEnd> tunnels_of(const Model& model, const VirtualNetworkGateway& gateway);

/// The tunnels of a site's device, to the gateways that have a connection to it.
std::vector<TunnelEnd> tunnels_of(const Model& model, const OnPremises& site);

/// One of the two ends of a connection, and where it is.
struct PlacedEnd {
  std::string node;
  TunnelEnd tunnel;
};

/// Both ends of `connection`, that of its own gateway first. Empty when nobody is at the other one, or a gateway that has no connection
/// back and does not listen (VPN-40).
std::optional<std::array<PlacedEnd, 2>> ends_of(const Model& model, const VirtualNetworkGatewayConnection& connection);

/// The interface of a tunnel whose other end is `remote`.
std::string tunnel_interface_name(Ipv4Address remote);

/// What the IKE daemon is called among the processes of its namespace.
inline constexpr std::string_view kDaemonProcess = "ipsec";

/// The folder of the IKE daemon in `node`.
std::filesystem::path daemon_folder(const Places& places, std::string_view node);

/// Adds to `name_space` the link `internet` with a public address. @param other_end  what the link is called in the internet
void add_public_leg(const Model& model, const std::string& other_end, Ipv4Address address, const std::string& alias,
                    netns::Namespace& name_space);

/// Adds to `name_space`, whose public link is there, what tunnels need: interfaces, routes, the way to the other ends, the daemon.
void add_tunnels(const Model& model, std::string_view node, const std::vector<TunnelEnd>& tunnels, const Places& places,
                 netns::Namespace& name_space);

/// The part of an input chain that lets in what the other ends send: IKE and ESP.
std::string tunnel_input_rules(const std::vector<TunnelEnd>& tunnels);

}  // namespace emu
