// SPDX-License-Identifier: Apache-2.0
// netns/flows/flow_messages.hpp — what is said to connection tracking about flows, and read of its answers.
#pragma once

#include <cstdint>
#include <optional>

#include "netns/flows/flow.hpp"
#include "netns/netlink/socket.hpp"

namespace netns {

/// Empty for what is not IPv4.
std::optional<Flow> parse_flow(const nlmsghdr* message);

/// To be sent with `Socket::dump`.
Message all_flows_request();

/// About one flow, to be sent with `Socket::get`.
/// @param operation  IPCTNL_MSG_CT_GET, IPCTNL_MSG_CT_NEW, which changes what is there, or IPCTNL_MSG_CT_DELETE
/// @param mark  to be set; as it is when left out
Message flow_request(int operation, const Flow& flow, std::optional<std::uint32_t> mark = {});

}  // namespace netns
