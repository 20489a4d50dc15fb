// SPDX-License-Identifier: Apache-2.0
// emu/model/gateway_lookup.hpp — finds the parts of a site-to-site VPN, and which of them belong together.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "emu/model/model.hpp"

namespace emu {

/// nullptr when there is none of that name.
const VirtualNetworkGateway* find_virtual_network_gateway(const Model& model, std::string_view name);
const LocalNetworkGateway* find_local_network_gateway(const Model& model, std::string_view name);
const VirtualNetworkGatewayConnection* find_connection(const Model& model, std::string_view name);
const OnPremises* find_site(const Model& model, std::string_view name);
const OnPremisesHost* find_on_premises_host(const Model& model, std::string_view name);

/// The site that `host` stands in; nullptr when there is no such host.
const OnPremises* site_of_host(const Model& model, std::string_view host);

/// The gateway in `network` (VPN-5: at most one); nullptr when it has none.
const VirtualNetworkGateway* gateway_in(const Model& model, std::string_view network);

/// The gateway whose routes `network` gets: its own, or that of the peer whose gateway it uses (PEER-19): the link of `network` has
/// use_remote_gateways, is Connected, and the one that comes back has allow_gateway_transit. nullptr when there is none.
const VirtualNetworkGateway* gateway_for(const Model& model, const VirtualNetwork& network);

/// The connections of `gateway`, in the order of the model.
std::vector<const VirtualNetworkGatewayConnection*> connections_of(const Model& model, const VirtualNetworkGateway& gateway);

/// The networks other than its own for which `gateway` is the one of `gateway_for`, in the order of the model (PEER-19).
std::vector<const VirtualNetwork*> spokes_of(const Model& model, const VirtualNetworkGateway& gateway);

/// The address spaces of the network that `gateway` is in and of its spokes (PEER-19).
std::vector<Ipv4Prefix> prefixes_served_by(const Model& model, const VirtualNetworkGateway& gateway);

/// The gateway at the other end of `connection`: the peer of a Vnet2Vnet one, or the one that has the public address of the local network
/// gateway of an IPsec one. nullptr when the other end is no gateway of this lab.
const VirtualNetworkGateway* gateway_at_other_end(const Model& model, const VirtualNetworkGatewayConnection& connection);

/// The connection of the gateway at the other end that comes back over the same tunnel, and is of the same type (VPN-40); nullptr when
/// there is none.
const VirtualNetworkGatewayConnection* counterpart_of(const Model& model, const VirtualNetworkGatewayConnection& connection);

/// How the other end of `connection` starts (VPN-33); empty when nobody is there.
std::optional<ConnectionMode> mode_of_other_end(const Model& model, const VirtualNetworkGatewayConnection& connection);

/// What is behind the other end of `connection`, as Azure knows it: the local network gateway's prefixes; or the blocks of the peer
/// gateway's network and of the networks that use that gateway (VPN-40).
std::vector<Ipv4Prefix> remote_prefixes_of(const Model& model, const VirtualNetworkGatewayConnection& connection);

/// The name in `on_premises.<site>`; nullopt when `gateway_address` is not written so.
std::optional<std::string_view> site_named_by(std::string_view gateway_address);

/// The site whose device a local network gateway means, by name or by equal public address; nullptr when none does.
const OnPremises* site_behind(const Model& model, const LocalNetworkGateway& local);

/// The gateway whose public address a local network gateway has; nullptr when none has it.
const VirtualNetworkGateway* gateway_behind(const Model& model, const LocalNetworkGateway& local);

/// The public address of the other end; empty when it names a site that does not exist or has no address yet.
std::optional<Ipv4Address> gateway_address_of(const Model& model, const LocalNetworkGateway& local);

/// The connections that end at `site`, in the order of the model.
std::vector<const VirtualNetworkGatewayConnection*> connections_to(const Model& model, const OnPremises& site);

/// What the device of `site` sends into the tunnel to `gateway`: its remote_address_space, or, when it has none, the address spaces of
/// the gateway's network and of its spokes.
std::vector<Ipv4Prefix> prefixes_sent_by(const Model& model, const OnPremises& site, const VirtualNetworkGateway& gateway);

}  // namespace emu
