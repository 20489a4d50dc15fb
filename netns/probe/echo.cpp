// SPDX-License-Identifier: Apache-2.0
#include "netns/probe/echo.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include "netns/base/error.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/capture/packet.hpp"
#include "netns/probe/icmp_error.hpp"

namespace netns {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr milliseconds kInterval{250};
constexpr std::size_t kIcmpHeader = 8;
constexpr std::size_t kSequenceOffset = 6;
constexpr std::size_t kPayload = 56;  // as ping(8) sends
constexpr std::size_t kTagOffset = kIcmpHeader + kEchoSignature.size();

void write16(std::span<std::uint8_t> bytes, std::size_t at, std::uint32_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8U);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

struct EchoReply {
  std::uint16_t sequence;
  nanoseconds arrival;  ///< since the epoch, taken by the kernel: independent of when this thread gets to run
};

UniqueFd open_socket() {
  UniqueFd socket{::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP)};
  const int on = 1;
  if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0) {
    const int error = errno;
    throw KernelError(error, "open a raw ICMP socket");
  }
  keep_icmp_errors(socket);
  return socket;
}

/// True when `icmp`, from its header on, is an echo message with `tag`. The identifier is no guide: a NAT may change it.
bool carries(std::span<const std::uint8_t> icmp, std::uint8_t type, std::uint32_t tag) {
  const auto wanted = echo_request(tag, 0);
  return icmp.size() >= kTagOffset + sizeof tag && icmp[0] == type &&
         std::ranges::equal(icmp.subspan(kIcmpHeader, kEchoSignature.size() + sizeof tag),
                            std::span(wanted).subspan(kIcmpHeader, kEchoSignature.size() + sizeof tag));
}

/// Takes packets that wait until one is the reply.
std::optional<EchoReply> take_reply(const UniqueFd& socket, std::uint32_t tag) {
  std::array<std::uint8_t, 2048> packet{};
  alignas(cmsghdr) std::array<char, 256> control{};
  while (true) {
    iovec data{packet.data(), packet.size()};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const auto received = ::recvmsg(socket.get(), &message, 0);
    if (received < 0) return std::nullopt;
    const auto bytes = std::span<const std::uint8_t>(packet).first(static_cast<std::size_t>(received));
    const std::size_t header = bytes.empty() ? 0 : std::size_t{bytes[0] & 15U} * 4;
    if (header == 0 || bytes.size() < header || !carries(bytes.subspan(header), ICMP_ECHOREPLY, tag)) continue;
    const auto icmp = bytes.subspan(header);
    EchoReply reply{static_cast<std::uint16_t>(icmp[kSequenceOffset] << 8U | icmp[kSequenceOffset + 1]), {}};
    for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
      if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
      timespec time{};
      std::memcpy(&time, CMSG_DATA(part), sizeof time);
      reply.arrival = std::chrono::seconds{time.tv_sec} + nanoseconds{time.tv_nsec};
    }
    return reply;
  }
}

ProbeAnswer cannot_send(int error) {
  return {Answer::Unreachable, {}, fmt::format("this node cannot send: {}", std::generic_category().message(error))};
}

}  // namespace

std::uint16_t internet_checksum(std::span<const std::uint8_t> bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += i % 2 == 0 ? std::uint32_t{bytes[i]} << 8U : bytes[i];
  while (sum >> 16U != 0) sum = (sum & 0xffffU) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum);
}

std::vector<std::uint8_t> echo_request(std::uint32_t tag, std::uint16_t sequence) {
  std::vector<std::uint8_t> message(kIcmpHeader + kPayload);
  message[0] = ICMP_ECHO;
  write16(message, 4, tag & 0xffffU);  // the identifier; only people who read a capture care
  write16(message, kSequenceOffset, sequence);
  std::ranges::copy(kEchoSignature, message.begin() + kIcmpHeader);
  write16(message, kTagOffset, tag >> 16U);
  write16(message, kTagOffset + 2, tag & 0xffffU);
  write16(message, 2, internet_checksum(message));
  return message;
}

ProbeAnswer ping(Ipv4Address target, std::uint32_t tag, const Patience& patience) {
  const auto socket = open_socket();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(target.value);

  const auto end = steady_clock::now() + patience.limit;
  auto next = steady_clock::now();
  std::vector<nanoseconds> sent;  // since the epoch, by sequence number
  bool connected = false;
  ProbeAnswer latest;
  while (true) {
    if (const auto now = steady_clock::now(); now >= end) return latest;
    if (steady_clock::now() >= next) {
      next += kInterval;
      int error = 0;
      // Connected, the socket is given only what comes from the target, and errors about what went there.
      if (!connected && ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) error = errno;
      connected = error == 0;
      if (connected) {
        const auto message = echo_request(tag, static_cast<std::uint16_t>(sent.size()));
        sent.push_back(std::chrono::system_clock::now().time_since_epoch());
        if (::send(socket.get(), message.data(), message.size(), 0) < 0) error = errno;
      }
      if (error != 0 && error != ENOBUFS && error != EAGAIN) latest = cannot_send(error);
    }

    while (const auto icmp_error = take_icmp_error(socket)) {
      if (carries(icmp_error->original, ICMP_ECHO, tag)) latest = {Answer::Unreachable, {}, icmp_error->description};
    }
    if (const auto reply = take_reply(socket, tag); reply && reply->sequence < sent.size())
      return {Answer::Reply, std::max(nanoseconds{0}, reply->arrival - sent[reply->sequence]), {}};
    if (latest.answer != Answer::Silence && !patience.insists) return latest;

    const auto wait = std::chrono::ceil<milliseconds>(std::min(next, end) - steady_clock::now());
    pollfd readable{socket.get(), POLLIN, 0};
    ::poll(&readable, 1, static_cast<int>(std::max(wait, milliseconds{0}).count()));
  }
}

}  // namespace netns
