// SPDX-License-Identifier: Apache-2.0
#include "netns/capture/packet_tap.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include "netns/base/error.hpp"
#include "netns/base/receive_buffer.hpp"
#include "netns/capture/headers.hpp"
#include "netns/namespace/namespace.hpp"

namespace netns {
namespace {

constexpr int kReceiveBuffer = 64 * 1024 * 1024;  // a limit: memory is taken only for packets that wait

template <typename Value>
void set_option(const UniqueFd& socket, int level, int option, const Value& value, std::string_view what) {
  if (::setsockopt(socket.get(), level, option, &value, sizeof value) != 0) {
    const int error = errno;
    throw KernelError(error, fmt::format("set {} on a packet socket", what));
  }
}

UniqueFd open_socket(std::string_view namespace_name) {
  const EnteredNamespace inside(namespace_name);
  // Protocol 0 receives nothing until bind() names one, so nothing slips in before the filter is in place.
  UniqueFd socket{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) {
    const int error = errno;
    throw KernelError(error, fmt::format("open a packet socket in {}", namespace_name));
  }
  return socket;
}

int find_ifindex(const UniqueFd& socket, std::string_view namespace_name, std::string_view link) {
  ifreq request{};
  const auto length = std::min(link.size(), sizeof request.ifr_name - 1);
  std::memcpy(request.ifr_name, link.data(), length);
  const bool too_long = length < link.size();
  if (too_long || ::ioctl(socket.get(), SIOCGIFINDEX, &request) != 0) {
    const int error = too_long ? ENODEV : errno;
    throw KernelError(error, fmt::format("find link {} in {}", link, namespace_name));
  }
  return request.ifr_ifindex;
}

void attach(const UniqueFd& socket, const PacketFilter& filter) {
  std::vector<sock_filter> program;
  for (const auto& step : filter) program.push_back({step.code, step.jump_if_true, step.jump_if_false, step.operand});
  const sock_fprog whole{static_cast<unsigned short>(program.size()), program.data()};
  set_option(socket, SOL_SOCKET, SO_ATTACH_FILTER, whole, "the filter");
}

std::optional<std::chrono::nanoseconds> time_of(msghdr& message) {
  for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec time{};
    std::memcpy(&time, CMSG_DATA(part), sizeof time);
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
  }
  return std::nullopt;
}

/// A datagram socket on `lo` that sends to itself. @throws KernelError
UniqueFd open_echo() {
  UniqueFd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  sockaddr_in self{};
  self.sin_family = AF_INET;
  self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof self;
  auto* address = reinterpret_cast<sockaddr*>(&self);
  const bool connected = socket && ::bind(socket.get(), address, length) == 0 && ::getsockname(socket.get(), address, &length) == 0 &&
                         ::connect(socket.get(), address, length) == 0;
  if (!connected) {
    const int error = errno;
    throw KernelError(error, "open a datagram socket on lo");
  }
  set_option(socket, SOL_SOCKET, SO_TIMESTAMPNS, 1, "timestamps");
  set_option(socket, SOL_SOCKET, SO_RCVTIMEO, timeval{1, 0}, "a time limit");
  return socket;
}

}  // namespace

void await_packet_times() {
  constexpr std::chrono::microseconds kPause{200};
  constexpr int kTries = 5000;
  const auto socket = open_echo();
  for (int i = 0; i < kTries; ++i) {
    char byte = 0;
    iovec data{&byte, sizeof byte};
    alignas(cmsghdr) std::array<char, 64> control{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const bool sent = ::send(socket.get(), &byte, sizeof byte, 0) == sizeof byte;
    std::this_thread::sleep_for(kPause);
    const auto before_reading = std::chrono::system_clock::now().time_since_epoch();
    if (!sent || ::recvmsg(socket.get(), &message, 0) < 0) {
      const int error = errno;
      throw KernelError(error, "send a datagram over lo");
    }
    const auto time = time_of(message);
    if (time && *time < before_reading) return;
  }
  throw KernelError(ETIMEDOUT, "wait for the kernel to note when packets cross links");
}

PacketTap::PacketTap(std::string_view namespace_name, std::string_view link, const PacketFilter& filter)
    : socket_(open_socket(namespace_name)), buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kEthernetHeader + kLongestFrame)) {
  if (!filter.empty()) attach(socket_, filter);
  enlarge_receive_buffer(socket_.get(), kReceiveBuffer);
  set_option(socket_, SOL_SOCKET, SO_TIMESTAMPNS, 1, "timestamps");
  set_option(socket_, SOL_PACKET, PACKET_AUXDATA, 1, "packet lengths");

  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = link.empty() ? 0 : find_ifindex(socket_, namespace_name, link);
  if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    throw KernelError(error, fmt::format("listen to packets on {} in {}", link.empty() ? "all links" : link, namespace_name));
  }
}

std::optional<CapturedPacket> PacketTap::receive() {
  // Room is kept in front for an Ethernet header: links of some kinds (tunnels) hand over bare IP.
  iovec data{buffer_.get() + kEthernetHeader, kLongestFrame};
  sockaddr_ll from{};
  alignas(cmsghdr) std::array<char, 256> control{};
  msghdr message{};
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t received = -1;
  while ((received = ::recvmsg(socket_.get(), &message, MSG_TRUNC)) < 0) {
    const int error = errno;
    if (error == EAGAIN) return std::nullopt;
    // A link that goes down says so once, before packets that wait. It may come up again; the tap stays on it.
    if (error != EINTR && error != ENETDOWN) throw KernelError(error, "receive from a packet socket");
  }

  CapturedPacket packet;
  packet.ifindex = from.sll_ifindex;
  packet.direction = from.sll_pkttype == PACKET_OUTGOING ? Direction::Out : Direction::In;
  packet.loopback = from.sll_hatype == ARPHRD_LOOPBACK;
  packet.length = static_cast<std::uint32_t>(received);
  packet.time = time_of(message).value_or(std::chrono::nanoseconds{});
  for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level == SOL_PACKET && part->cmsg_type == PACKET_AUXDATA) {
      tpacket_auxdata lengths{};
      std::memcpy(&lengths, CMSG_DATA(part), sizeof lengths);
      packet.length = lengths.tp_len;
    }
  }

  const auto kept = std::min(static_cast<std::size_t>(received), kLongestFrame);
  const bool ethernet = from.sll_hatype == ARPHRD_ETHER || from.sll_hatype == ARPHRD_LOOPBACK;
  if (ethernet) {
    packet.frame = {buffer_.get() + kEthernetHeader, kept};
  } else {
    std::fill_n(buffer_.get(), kEthernetHeader - sizeof from.sll_protocol, std::uint8_t{0});
    std::memcpy(buffer_.get() + kEthernetHeader - sizeof from.sll_protocol, &from.sll_protocol, sizeof from.sll_protocol);
    packet.frame = {buffer_.get(), kEthernetHeader + kept};
    packet.length += kEthernetHeader;
  }
  return packet;
}

const std::string& PacketTap::link_name(int ifindex) {
  const auto [entry, added] = link_names_.try_emplace(ifindex);
  if (added) {
    ifreq request{};
    request.ifr_ifindex = ifindex;
    // The socket answers for the namespace it was opened in, wherever the calling thread is.
    entry->second = ::ioctl(socket_.get(), SIOCGIFNAME, &request) == 0 ? request.ifr_name : fmt::format("#{}", ifindex);
  }
  return entry->second;
}

bool PacketTap::lost_its_link() const {
  sockaddr_ll address{};
  socklen_t length = sizeof address;
  return ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0 && address.sll_ifindex < 0;
}

std::uint64_t PacketTap::take_dropped() {
  tpacket_stats counts{};  // reading them sets them to zero
  socklen_t length = sizeof counts;
  return ::getsockopt(socket_.get(), SOL_PACKET, PACKET_STATISTICS, &counts, &length) == 0 ? counts.tp_drops : 0;
}

}  // namespace netns
