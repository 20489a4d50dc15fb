// SPDX-License-Identifier: Apache-2.0
// netns/netlink/dumps.hpp — reads links, addresses, neighbours, routes and rules of one namespace back from the kernel.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "netns/netlink/socket.hpp"
#include "netns/state/state.hpp"

namespace netns {

/// Every veth, bridge and xfrm interface, by name, without addresses.
std::map<std::string, ObservedLink> dump_links(Socket& socket);

/// The same for the links named; those that are not there are left out. The kernel searches all namespaces that a link of this
/// one leads to for each link it lists, so listing thousands is dear.
std::map<std::string, ObservedLink> read_links(Socket& socket, const std::vector<std::string>& names);

/// Adds their IPv4 addresses to `links`.
void dump_addresses(Socket& socket, std::map<std::string, ObservedLink>& links);

/// Every permanent IPv4 neighbour on one of `links`.
std::set<Neighbour> dump_neighbours(Socket& socket, const std::map<std::string, ObservedLink>& links);

/// Our routes (by protocol number) in every table.
std::set<Route> dump_routes(Socket& socket, const std::map<std::string, ObservedLink>& links);

/// Every rule that chooses by incoming link or by mark; the kernel's own three choose by nothing.
std::set<Rule> dump_rules(Socket& socket);

}  // namespace netns
