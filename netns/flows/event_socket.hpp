// SPDX-License-Identifier: Apache-2.0
// netns/flows/event_socket.hpp — a netlink socket that is told things nobody asked for.
#pragma once

#include <libmnl/libmnl.h>

#include <memory>
#include <string>
#include <vector>

#include "netns/netlink/socket.hpp"

namespace netns {

using EventSocket = std::unique_ptr<mnl_socket, Releases<mnl_socket_close>>;

/// Opens one of NETLINK_NETFILTER in the calling thread's namespace, with much room for what waits. It never blocks.
/// @param groups  a bit for each of the first 32 multicast groups
/// @throws KernelError
EventSocket open_event_socket(unsigned groups, const std::string& place);

enum class Received { Some, None, Lost };

/// What waits, at most a buffer full: several messages, one behind the other, in `buffer`. @param size  set to their bytes
/// @return Lost when the socket's buffer was full since the last call; then nothing was received
/// @throws KernelError
Received receive_events(const EventSocket& socket, std::vector<char>& buffer, std::size_t& size);

}  // namespace netns
