// SPDX-License-Identifier: Apache-2.0
// netns/flows/packet_log.hpp — packets that rules log to a group (nft(8), `log group`), as they do it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "netns/flows/flow.hpp"

namespace netns {

/// Bytes of a packet that are enough to read its ends: an IP header with all options, and the ports.
inline constexpr std::uint32_t kLoggedBytes = 68;

/// Reads the ends of an IPv4 packet, which starts with its IP header. A fragment but the first has no ports. Empty for anything else.
std::optional<LoggedPacket> parse_logged_packet(std::span<const std::uint8_t> packet);

class PacketLog {
 public:
  /// Takes what is logged to `group` in the calling thread's namespace, from now on; a group has one taker.
  /// @param place  the namespace's name, for messages
  /// @throws KernelError
  PacketLog(std::uint16_t group, const std::string& place);
  ~PacketLog();

  /// Readable when a packet waits.
  int fd() const;

  /// The packets that wait, in their order; a bounded number, so there may be more. Never waits itself.
  /// @throws KernelError
  std::vector<LoggedPacket> receive();

  /// Whether packets were lost since this was last called.
  bool take_lost();

 private:
  struct Source;

  std::unique_ptr<Source> source_;
  bool lost_ = false;
};

}  // namespace netns
