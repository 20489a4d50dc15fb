// SPDX-License-Identifier: Apache-2.0
// emu/fabric/names.hpp — what the kernel calls the things of a lab.
//
//   namespace          holds            links in it
//   <lab>.<vnet>       a VNet's router  br-<subnet>, vm-<machine>, gw-<gateway>, peer-<remote vnet>, internet,
//                                       via-<appliance's address>, for-<vnet>@<appliance's address>, backbone
//   <lab>.<machine>    a machine        eth0
//   <lab>.<gateway>    a VPN gateway    vnet, internet, ipsec<n>
//   <lab>.<site>       a site's device  host-<host>, internet, ipsec<n>
//   <lab>.internet     the internet     vnet-<vnet>, vpn-<gateway>, site-<site>, host-<host>, services
//   <lab>.services     all services     internet, vnet-<vnet>
//   <lab>.<host>       a host there or in a site  eth0
//
// A link's name has at most 15 bytes (IFNAMSIZ). A longer one keeps its prefix and its first letters and ends in a hash of the
// whole; the resource's path is in the link's alias. The same resource always has the same name.
#pragma once

#include <string>
#include <string_view>

#include "emu/model/model.hpp"
#include "emu/model/nodes.hpp"

namespace emu {

inline constexpr std::string_view kMachineLink = "eth0";
/// The router's link to the internet.
inline constexpr std::string_view kEdgeLink = "internet";
/// The router's link to the services, for subnets with a service endpoint.
inline constexpr std::string_view kBackboneLink = "backbone";
/// A gateway's link to its virtual network.
inline constexpr std::string_view kNetworkLink = "vnet";
/// What every tunnel's interface is named with.
inline constexpr std::string_view kTunnelLinkPrefix = "ipsec";
inline constexpr std::string_view kPeeringLinkPrefix = "peer-";
/// The two ends of the links that lead to an appliance in a peer (appliances.hpp).
inline constexpr std::string_view kTransitStartPrefix = "via-";
inline constexpr std::string_view kTransitEndPrefix = "for-";

std::string namespace_name(std::string_view lab, std::string_view node);
/// @param shard  counts from 0: a bridge has at most 1023 ports, a subnet may hold more machines
std::string bridge_name(std::string_view subnet, unsigned shard);
std::string port_name(std::string_view machine);
std::string peering_link_name(std::string_view remote_virtual_network);
std::string transit_start_name(Ipv4Address appliance);
std::string transit_end_name(std::string_view from_virtual_network, Ipv4Address appliance);
std::string internet_to_network_name(std::string_view virtual_network);
std::string services_to_network_name(std::string_view virtual_network);
std::string internet_to_host_name(std::string_view host);
std::string gateway_port_name(std::string_view gateway);
std::string internet_to_gateway_name(std::string_view gateway);
std::string internet_to_site_name(std::string_view site);
std::string site_to_host_name(std::string_view host);
/// `node` where at most 15 characters fit; made as a link's name is.
std::string short_name(std::string_view node);

}  // namespace emu
