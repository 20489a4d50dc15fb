// SPDX-License-Identifier: Apache-2.0
// emu/fabric/names.hpp — what the kernel calls the things of a lab.
//
//   namespace          holds            links in it
//   <lab>.<vnet>       a VNet's router  br-<subnet>, vm-<machine>, peer-<remote vnet>, internet
//   <lab>.<machine>    a machine        eth0
//   <lab>.internet     the internet     vnet-<vnet>, host-<host>
//   <lab>.<host>       an internet host eth0
//
// A link's name has at most 15 bytes (IFNAMSIZ). A longer one keeps its prefix and its first letters and ends in a hash of the
// whole; the resource's path is in the link's alias. The same resource always has the same name.
#pragma once

#include <string>
#include <string_view>

namespace emu {

inline constexpr std::string_view kInternetNode = "internet";
inline constexpr std::string_view kMachineLink = "eth0";
/// The router's link to the internet.
inline constexpr std::string_view kEdgeLink = "internet";
inline constexpr std::string_view kPeeringLinkPrefix = "peer-";

std::string namespace_name(std::string_view lab, std::string_view node);
/// @param shard  counts from 0: a bridge has at most 1023 ports, a subnet may hold more machines
std::string bridge_name(std::string_view subnet, unsigned shard);
std::string port_name(std::string_view machine);
std::string peering_link_name(std::string_view remote_virtual_network);
std::string internet_to_network_name(std::string_view virtual_network);
std::string internet_to_host_name(std::string_view host);

}  // namespace emu
