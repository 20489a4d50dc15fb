// SPDX-License-Identifier: Apache-2.0
#include "netns/probe/tcp.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "netns/base/error.hpp"
#include "netns/probe/icmp_error.hpp"

namespace netns {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPause{50};  // between two tries, when the first was refused

// linux/tcp.h has names for these, but cannot be included beside netinet/tcp.h.
constexpr int kRepairOn = 1;
constexpr int kRepairOffWithoutProbe = -1;
constexpr int kSendQueue = 2;

template <typename Value>
void set_tcp_option(const UniqueFd& socket, int option, Value value) {
  if (::setsockopt(socket.get(), IPPROTO_TCP, option, &value, sizeof value) != 0) {
    const int error = errno;
    throw KernelError(error, "give a TCP connection its initial sequence number");
  }
}

UniqueFd open_socket(std::uint32_t initial_sequence_number) {
  UniqueFd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) {
    const int error = errno;
    throw KernelError(error, "open a TCP socket");
  }
  keep_icmp_errors(socket);
  set_tcp_option(socket, TCP_REPAIR, kRepairOn);
  set_tcp_option(socket, TCP_REPAIR_QUEUE, kSendQueue);
  set_tcp_option(socket, TCP_QUEUE_SEQ, initial_sequence_number);
  set_tcp_option(socket, TCP_REPAIR, kRepairOffWithoutProbe);
  return socket;
}

ProbeAnswer failure(const UniqueFd& socket, Ipv4Address target, int error) {
  if (const auto icmp = take_icmp_error(socket)) return {Answer::Unreachable, {}, icmp->description};
  if (error == ECONNREFUSED || error == ECONNRESET) return {Answer::Refused, {}, fmt::format("RST from {}", to_string(target))};
  if (error == ETIMEDOUT) return {};
  return {Answer::Unreachable, {}, fmt::format("this node cannot send: {}", std::generic_category().message(error))};
}

TcpProbe connect_once(Ipv4Address target, std::uint16_t port, std::uint32_t tag, steady_clock::time_point end) {
  auto socket = open_socket(tag);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(target.value);
  const auto start = steady_clock::now();
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    if (error != EINPROGRESS) return {failure(socket, target, error), {}};
  }
  while (true) {
    const auto wait = std::chrono::ceil<milliseconds>(end - steady_clock::now());
    pollfd writable{socket.get(), POLLOUT, 0};
    const int ready = ::poll(&writable, 1, static_cast<int>(std::max(wait, milliseconds{0}).count()));
    if (ready < 0) continue;  // a signal; the time left is counted anew
    if (ready == 0) return {};
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0 || (writable.revents & POLLOUT) == 0) return {failure(socket, target, error), {}};
    return {{Answer::Reply, steady_clock::now() - start, {}}, std::move(socket)};
  }
}

}  // namespace

TcpProbe connect_tcp(Ipv4Address target, std::uint16_t port, std::uint32_t tag, const Patience& patience) {
  const auto end = steady_clock::now() + patience.limit;
  while (true) {
    auto probe = connect_once(target, port, tag, end);
    const bool final = probe.answer.answer == Answer::Reply || probe.answer.answer == Answer::Silence || !patience.insists;
    if (final || steady_clock::now() + kPause >= end) return probe;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace netns
