// SPDX-License-Identifier: Apache-2.0
// netns/base/receive_buffer.hpp — how much may wait in a socket.
#pragma once

namespace netns {

/// As many bytes as `wanted`, or, for who is not root of the machine, as many as it lets everybody have (net.core.rmem_max).
void enlarge_receive_buffer(int socket, int wanted);

}  // namespace netns
