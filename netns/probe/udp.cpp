// SPDX-License-Identifier: Apache-2.0
#include "netns/probe/udp.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "netns/base/error.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/capture/packet.hpp"
#include "netns/probe/icmp_error.hpp"

namespace netns {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kSendAgainAfter{500};
constexpr milliseconds kSendAgainAfterError{1100};  // a kernel sends one such error a second (icmp_ratelimit in ip-sysctl of its documents)
constexpr milliseconds kTimeToRefuse{200};
constexpr milliseconds kLookAgainAfter{10};

UniqueFd open_udp_socket() {
  UniqueFd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) {
    const int error = errno;
    throw KernelError(error, "open a UDP socket");
  }
  keep_icmp_errors(socket);
  return socket;
}

std::vector<std::uint8_t> datagram_with(std::uint32_t tag) {
  std::vector<std::uint8_t> bytes(kEchoSignature.begin(), kEchoSignature.end());
  for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<std::uint8_t>(tag >> static_cast<unsigned>(shift)));
  return bytes;
}

ProbeAnswer answer_of(const IcmpError& error) {
  const bool refused = error.type == ICMP_DEST_UNREACH && error.code == ICMP_PORT_UNREACH;
  return {refused ? Answer::Refused : Answer::Unreachable, {}, error.description};
}

/// Whether it is an ICMP error that makes a call fail, not the call itself.
bool told_before(int error) { return error == ECONNREFUSED || error == EHOSTUNREACH; }

ProbeAnswer no_way_to_send(int error) {
  return {Answer::Unreachable, {}, fmt::format("this node cannot send: {}", std::generic_category().message(error))};
}

}  // namespace

ProbeAnswer send_udp(Ipv4Address target, std::uint16_t port, std::uint32_t tag, const Patience& patience,
                     const std::function<bool()>& has_arrived) {
  const auto socket = open_udp_socket();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(target.value);
  const auto datagram = datagram_with(tag);
  const auto end = steady_clock::now() + patience.limit;
  auto sent = steady_clock::now();
  auto next = sent;
  ProbeAnswer latest;
  while (steady_clock::now() < end) {
    // An error that came in meanwhile is told by whatever is called next, and waits in the queue of errors as well.
    if (steady_clock::now() >= next) {
      sent = steady_clock::now();
      next = sent + kSendAgainAfter;
      const bool done = ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                        (::send(socket.get(), datagram.data(), datagram.size(), 0) >= 0 || told_before(errno));
      if (const int error = errno; !done && error != EAGAIN && error != ENOBUFS) latest = no_way_to_send(error);
    }
    while (const auto error = take_icmp_error(socket)) {
      latest = answer_of(*error);
      next = sent + kSendAgainAfterError;
    }
    std::array<char, 2048> bytes{};
    if (::recv(socket.get(), bytes.data(), bytes.size(), 0) >= 0) return {Answer::Reply, steady_clock::now() - sent, {}};
    const bool failed = latest.answer != Answer::Silence;
    if (failed && !patience.insists) return latest;
    const bool is_settled = steady_clock::now() >= sent + kTimeToRefuse && next == sent + kSendAgainAfter;
    if (is_settled && has_arrived()) return {Answer::Reply, {}, {}};
    pollfd readable{socket.get(), POLLIN, 0};
    ::poll(&readable, 1, static_cast<int>(kLookAgainAfter.count()));
  }
  return latest;
}

}  // namespace netns
