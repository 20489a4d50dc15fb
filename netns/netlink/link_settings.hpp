// SPDX-License-Identifier: Apache-2.0
// netns/netlink/link_settings.hpp — what all links of ours have alike: one list, which is set and which is compared.
#pragma once

#include <libmnl/libmnl.h>

#include <string>
#include <vector>

#include "netns/netlink/socket.hpp"
#include "netns/state/state.hpp"

namespace netns {

/// Adds the IPv4 switches of a link (IFLA_INET_CONF) to `message`, whose nest is open.
void put_ipv4_switches(const Message& message, const Link& link);
/// Reads `forwards` and `proxy_arp`, and adds the others that are not as `put_ipv4_switches` sets them to `observed.off`.
void read_ipv4_switches(const nlattr* switches, ObservedLink& observed);

/// The same for the options of a bridge (IFLA_INFO_DATA). A new bridge has them all as they should be, and a kernel refuses those that it
/// was built without: so only those that are named in `off`, as it was read, are set.
void put_bridge_options(const Message& message, const std::vector<std::string>& off);
void read_bridge_options(const nlattr* options, ObservedLink& observed);

/// The same for those of a port of a bridge (IFLA_INFO_SLAVE_DATA); `isolated` and those that it decides on are set always.
void put_port_options(const Message& message, const Link& link, const std::vector<std::string>& off);
/// @param has_carrier  whether the port is up and so is its other end: then it is to pass frames
void read_port_options(const nlattr* options, bool has_carrier, ObservedLink& observed);

}  // namespace netns
