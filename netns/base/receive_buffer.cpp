// SPDX-License-Identifier: Apache-2.0
#include "netns/base/receive_buffer.hpp"

#include <sys/socket.h>

namespace netns {

void enlarge_receive_buffer(int socket, int wanted) {
  if (::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0)
    ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
}

}  // namespace netns
