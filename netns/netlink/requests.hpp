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
/// Sets address, MTU, alias, port isolation, forwarding and IPv6 of an existing link, which is a port already when it is to be one, and
/// brings it up.
void set_link(Socket& socket, const std::string& name, const Link& link);
void set_link_up(Socket& socket, const std::string& name);
void delete_link(Socket& socket, const std::string& name);

void add_address(Socket& socket, const std::string& link, int ifindex, const InterfaceAddress& address);
void delete_address(Socket& socket, const std::string& link, int ifindex, const InterfaceAddress& address);

/// @param bridge  ifindex of `neighbour.bridge`
/// @param port    ifindex of `neighbour.port`, which is a port of the bridge already
void add_neighbour(Socket& socket, const Neighbour& neighbour, int bridge, int port);
/// The bridge's own entry goes with the port.
void delete_neighbour(Socket& socket, const Neighbour& neighbour, int bridge);

/// A route for the same prefix in the same table is replaced, and no packet falls between the two.
/// @param ifindex  of `route.device`; 0 for routes that name none
void add_route(Socket& socket, const Route& route, int ifindex);
/// Deletes the route for the prefix in the table, whatever link it names: that may be gone.
void delete_route(Socket& socket, const Route& route);

void add_rule(Socket& socket, const Rule& rule);
void delete_rule(Socket& socket, const Rule& rule);

/// As iproute2 would write it: `10.1.0.0/16 via 169.254.0.2 dev peer-hub table 7`.
std::string describe(const Route& route);
std::string describe(const Neighbour& neighbour);
std::string describe(const Rule& rule);
std::string describe(const InterfaceAddress& address);

}  // namespace netns
