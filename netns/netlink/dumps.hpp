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

/// Every link, by name, without addresses; but for the devices that modules of tunnels put into every namespace.
std::map<std::string, ObservedLink> dump_links(Socket& socket);

/// The same for the links named; those that are not there are left out. The kernel searches all namespaces that a link of this
/// one leads to for each link it lists, so listing thousands is dear.
std::map<std::string, ObservedLink> read_links(Socket& socket, const std::vector<std::string>& names);

/// What `also_off` of `lo` says where ::1 is missing.
inline constexpr const char* kNoIpv6Loopback = "::1 is missing";
/// Puts their IPv4 addresses into `links` and, in a namespace that has IPv6, adds to `also_off` of `lo` that ::1 is missing.
void dump_addresses(Socket& socket, std::map<std::string, ObservedLink>& links);

/// Adds to `also_off` of each link the queueing disciplines for what comes in, which the link itself does not tell of.
void dump_ingress(Socket& socket, std::map<std::string, ObservedLink>& links);

/// Adds to `also_off` of each link its settings of neighbours that are not as they should be. The kernel goes through those of all
/// namespaces.
void dump_neighbour_settings(Socket& socket, std::map<std::string, ObservedLink>& links);

/// Every permanent IPv4 neighbour on a link among `links`. The kernel searches those of all namespaces of the host.
std::set<Neighbour> dump_neighbours(Socket& socket, const std::map<std::string, ObservedLink>& links);

/// The same for the next hops of `routes` alone, each asked for by itself.
std::set<Neighbour> read_neighbours(Socket& socket, const std::map<std::string, ObservedLink>& links, const std::set<Route>& routes);

/// Every fixed entry of the bridges among `links`, but for the addresses of bridges and ports themselves.
std::set<BridgeEntry> dump_bridge_entries(Socket& socket, const std::map<std::string, ObservedLink>& links);

struct ObservedRoutes {
  std::set<Route> ours;     ///< by protocol number, in every table
  std::set<Route> kernels;  ///< those that the kernel made for an address
  std::set<Foreign> foreign;
};
ObservedRoutes dump_routes(Socket& socket, const std::map<std::string, ObservedLink>& links);

struct ObservedRules {
  std::set<Rule> ours;     ///< by protocol number
  std::set<Rule> kernels;  ///< of `kernel_rules()`
  std::set<Foreign> foreign;
};
ObservedRules dump_rules(Socket& socket);

/// The three that the kernel makes in each namespace: without them the tables of the same names are not looked up.
const std::set<Rule>& kernel_rules();

}  // namespace netns
