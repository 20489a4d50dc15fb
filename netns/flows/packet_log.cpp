// SPDX-License-Identifier: Apache-2.0
#include "netns/flows/packet_log.hpp"

#include <libnetfilter_log/libnetfilter_log.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <utility>

#include "netns/base/error.hpp"
#include "netns/flows/event_socket.hpp"

namespace netns {
namespace {

std::uint16_t number16(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8U | bytes[at + 1]);
}

std::uint32_t number32(std::span<const std::uint8_t> bytes, std::size_t at) {
  return std::uint32_t{number16(bytes, at)} << 16U | number16(bytes, at + 2);
}

std::optional<LoggedPacket> parse_message(const nlmsghdr* message) {
  std::array<nlattr*, NFULA_MAX + 1> attributes{};
  if ((message->nlmsg_type >> 8U) != NFNL_SUBSYS_ULOG || nflog_nlmsg_parse(message, attributes.data()) < 0) return std::nullopt;
  const auto* payload = attributes[NFULA_PAYLOAD];
  if (payload == nullptr) return std::nullopt;
  auto packet = parse_logged_packet({static_cast<const std::uint8_t*>(mnl_attr_get_payload(payload)), mnl_attr_get_payload_len(payload)});
  if (!packet) return std::nullopt;
  if (const auto* prefix = attributes[NFULA_PREFIX]) packet->prefix = mnl_attr_get_str(prefix);
  if (const auto* sender = attributes[NFULA_HWADDR]) {
    const auto* hardware = static_cast<const nfulnl_msg_packet_hw*>(mnl_attr_get_payload(sender));
    if (ntohs(hardware->hw_addrlen) == packet->sender.bytes.size())
      std::copy_n(std::begin(hardware->hw_addr), packet->sender.bytes.size(), packet->sender.bytes.begin());
  }
  return packet;
}

/// Asks for `group`: its packets, cut, sent at the latest after `kPatience`.
void configure(const EventSocket& socket, std::uint16_t group, const std::string& place) {
  constexpr std::uint32_t kPatience = 10;  // hundredths of a second
  std::array<char, 512> bytes{};
  auto* request = nflog_nlmsg_put_header(bytes.data(), NFULNL_MSG_CONFIG, AF_UNSPEC, group);
  request->nlmsg_flags |= NLM_F_ACK;
  if (nflog_attr_put_cfg_cmd(request, NFULNL_CFG_CMD_BIND) < 0 || nflog_attr_put_cfg_mode(request, NFULNL_COPY_PACKET, kLoggedBytes) < 0)
    throw std::bad_alloc();
  mnl_attr_put_u32(request, NFULA_CFG_TIMEOUT, htonl(kPatience));
  // The kernel answers before the call returns.
  bool done = mnl_socket_sendto(socket.get(), request, request->nlmsg_len) >= 0;
  if (done) {
    const auto size = mnl_socket_recvfrom(socket.get(), bytes.data(), bytes.size());
    done =
        size > 0 && mnl_cb_run(bytes.data(), static_cast<std::size_t>(size), 0, mnl_socket_get_portid(socket.get()), nullptr, nullptr) >= 0;
  }
  const int error = errno;
  if (!done) throw KernelError(error, "take logged packets in " + place);
}

}  // namespace

std::optional<LoggedPacket> parse_logged_packet(std::span<const std::uint8_t> packet) {
  constexpr std::size_t kShortestHeader = 20;
  if (packet.size() < kShortestHeader || packet[0] >> 4U != 4) return std::nullopt;
  const std::size_t header = (packet[0] & 0xfU) * 4U;
  LoggedPacket parsed;
  parsed.ends.protocol = packet[9];
  parsed.ends.source = {number32(packet, 12)};
  parsed.ends.destination = {number32(packet, 16)};
  const bool is_first_fragment = (number16(packet, 6) & 0x1fffU) == 0;
  if (!is_first_fragment || header < kShortestHeader) return parsed;
  const auto transport = packet.size() >= header + 8 ? packet.subspan(header) : std::span<const std::uint8_t>{};
  if (transport.empty()) return parsed;
  if (parsed.ends.protocol == IPPROTO_TCP || parsed.ends.protocol == IPPROTO_UDP) {
    parsed.ends.source_port = number16(transport, 0);
    parsed.ends.destination_port = number16(transport, 2);
  } else if (parsed.ends.protocol == IPPROTO_ICMP) {
    parsed.echo_id = number16(transport, 4);
  }
  return parsed;
}

struct PacketLog::Source {
  EventSocket socket;
  std::vector<char> buffer;
};

PacketLog::PacketLog(std::uint16_t group, const std::string& place) : source_(new Source{open_event_socket(0, place), {}}) {
  configure(source_->socket, group, place);
}

PacketLog::~PacketLog() = default;

int PacketLog::fd() const { return mnl_socket_get_fd(source_->socket.get()); }

std::vector<LoggedPacket> PacketLog::receive() {
  constexpr int kMostBuffers = 64;
  std::vector<LoggedPacket> packets;
  for (int i = 0; i < kMostBuffers; ++i) {
    std::size_t size = 0;
    const auto received = receive_events(source_->socket, source_->buffer, size);
    if (received == Received::None) break;
    if (received == Received::Lost) lost_ = true;
    int left = static_cast<int>(size);
    for (auto* m = reinterpret_cast<const nlmsghdr*>(source_->buffer.data()); mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left))
      if (auto packet = parse_message(m)) packets.push_back(*std::move(packet));
  }
  return packets;
}

bool PacketLog::take_lost() { return std::exchange(lost_, false); }

}  // namespace netns
