// SPDX-License-Identifier: Apache-2.0
// netns/state/switches.hpp — the switches under /proc/sys/net that every namespace of ours has alike.
//
// Theory of operation. A new namespace takes over many of the host's switches, whatever they are (net.core.devconf_inherit_init_net), and
// the kernel combines some of `conf/all` with those of a link, by OR or by the maximum: a link alone cannot take them back. So all that
// decide whether a packet or an ARP answer passes are set, to what a kernel has that nobody touched, but for redirects, which a router
// that sends a packet out where it came in would answer with.
//
// Finding a switch takes the kernel time in proportion to the number of namespaces (all have their entries in one chain of its name
// cache). So what a link has is set and read over netlink, with the link, and in a namespace that people share only the few are read back
// that stop traffic.
#pragma once

#include <map>
#include <string>

#include "netns/state/state.hpp"

namespace netns {

using Switches = std::map<std::string, std::string>;

/// What a new namespace has to have, before anything else is in it.
Switches initial_switches(const Namespace& wanted);

/// What is read back of one that is there, and set again.
Switches watched_switches(const Namespace& wanted);

/// Settings of the kernel's table of neighbours that a link takes over from the host, by the name of the switch.
const std::map<std::string, unsigned>& neighbour_settings();

}  // namespace netns
