// SPDX-License-Identifier: Apache-2.0
#include "netns/flows/event_socket.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "netns/base/error.hpp"
#include "netns/base/receive_buffer.hpp"

namespace netns {
namespace {

constexpr int kWaitingBytes = 32 * 1024 * 1024;  // taken only as events wait
constexpr std::size_t kBufferBytes = 64 * 1024;

}  // namespace

EventSocket open_event_socket(unsigned groups, const std::string& place) {
  EventSocket socket{mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK)};
  const bool open = socket && mnl_socket_bind(socket.get(), groups, MNL_SOCKET_AUTOPID) == 0;
  const int error = errno;
  if (!open) throw KernelError(error, "listen for netfilter's events in " + place);
  enlarge_receive_buffer(mnl_socket_get_fd(socket.get()), kWaitingBytes);
  return socket;
}

Received receive_events(const EventSocket& socket, std::vector<char>& buffer, std::size_t& size) {
  buffer.resize(kBufferBytes);
  const auto received = mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
  const int error = errno;
  size = received > 0 ? static_cast<std::size_t>(received) : 0;
  if (received > 0) return Received::Some;
  if (received == 0 || error == EAGAIN || error == EINTR) return Received::None;
  if (error == ENOBUFS) return Received::Lost;
  throw KernelError(error, "receive netfilter's events");
}

}  // namespace netns
