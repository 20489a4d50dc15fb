// SPDX-License-Identifier: Apache-2.0
// netns/netlink/requests.hpp — rtnetlink(7) requests for links, addresses, neighbours, routes and rules.
//
// Every function adds one request to the socket's batch; what the kernel refuses is thrown at `flush`.
#pragma once

#include <string>

#include "netns/base/unique_fd.hpp"
#include "netns/netlink/socket.hpp"
#include "netns/state/state.hpp"

namespace netns {

void add_bridge(Socket& socket, const std::string& name, const Link& link);

/// An xfrm interface (ip-link(8)): what is routed to it goes through the IPsec policies of `link.interface_id`.
void add_xfrm_interface(Socket& socket, const std::string& name, const Link& link);

/// Makes both ends of a veth pair where they belong, in one message: `name` in the socket's namespace, the other end in
/// `peer_namespace`. They are down: the kernel refuses a pair that is created up (ENOTCONN).
/// @param master          ifindex of the bridge that `name` becomes a port of, or 0
/// @param peer_namespace  stays open until the request has gone out
void add_veth_pair(Socket& socket, const std::string& name, const Link& link, int master, const UniqueFd& peer_namespace,
                   const std::string& peer_name, const Link& peer);

/// @param master  ifindex of the bridge that the link becomes a port of; 0 for none
void set_master(Socket& socket, const std::string& name, int master);
/// Sets MTU, alias, switches and options of an existing link, which is a port already when it is to be one, and brings it up.
/// @param set_address  its MAC address as well: the kernel forgets the link's neighbours with it, also when it is the same
/// @param off          what was read of it that is not as it should be: options of a bridge or a port among them are set
void set_link(Socket& socket, const std::string& name, const Link& link, bool set_address, const std::vector<std::string>& off = {});
/// Undoes that a port with a carrier was blocked or disabled.
void set_port_forwarding(Socket& socket, const std::string& name);
/// Takes away the link's XDP program.
void detach_programs(Socket& socket, const std::string& name);
/// How often the link asks for a neighbour, and how soon it answers for one that it stands in for.
void set_neighbour_settings(Socket& socket, const std::string& name, const Link& link, int ifindex);
/// @param of_what_comes_in  an ingress or clsact discipline, not the one for what goes out
void delete_queueing(Socket& socket, const std::string& link, int ifindex, bool of_what_comes_in);
void delete_link(Socket& socket, const std::string& name);

void add_address(Socket& socket, const std::string& link, int ifindex, const InterfaceAddress& address);
/// Without our mark.
void add_foreign_address(Socket& socket, const std::string& link, int ifindex, const InterfaceAddress& address);
/// ::1 to `lo`, which the kernel gives it when it comes up.
void add_ipv6_loopback(Socket& socket, int ifindex);
/// The route that the kernel makes for it then, other than when `lo` comes up.
void delete_ipv6_loopback_route(Socket& socket, int ifindex);
void delete_address(Socket& socket, const std::string& link, int ifindex, const InterfaceAddress& address);

/// @param bridge  ifindex of `neighbour.bridge`
void add_neighbour(Socket& socket, const Neighbour& neighbour, int bridge);
void delete_neighbour(Socket& socket, const Neighbour& neighbour, int bridge);

/// @param port  ifindex of `entry.port`, which is a port of the bridge already
void add_bridge_entry(Socket& socket, const BridgeEntry& entry, int port);
/// @param port  ifindex of `entry.port`, or of the bridge for an entry without a port
void delete_bridge_entry(Socket& socket, const BridgeEntry& entry, int port);

/// A route for the same prefix in the same table is replaced, and no packet falls between the two.
/// @param ifindex  of `route.device`; 0 for routes that name none
void add_route(Socket& socket, const Route& route, int ifindex);
/// Deletes the route for the prefix in the table, whatever link it names: that may be gone.
void delete_route(Socket& socket, const Route& route);

/// Deletes exactly this one.
void delete_route(Socket& socket, const Foreign& route);
/// Adds what the kernel made for an address of a link itself, and somebody deleted.
/// @param source  the address
void add_kernel_route(Socket& socket, const Route& route, Ipv4Address source, int ifindex);

/// @param kernels  as the kernel makes it, not as one of ours
void add_rule(Socket& socket, const Rule& rule, bool kernels = false);
void delete_rule(Socket& socket, const Rule& rule);
void delete_rule(Socket& socket, const Foreign& rule);

/// As iproute2 would write it: `10.1.0.0/16 via 169.254.0.2 dev peer-hub table 7`.
std::string describe(const Route& route);
std::string describe(const Neighbour& neighbour);
std::string describe(const BridgeEntry& entry);
std::string describe(const Rule& rule);
std::string describe(const InterfaceAddress& address);

}  // namespace netns
