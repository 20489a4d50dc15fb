// SPDX-License-Identifier: Apache-2.0
// netns/capture/pcap.hpp — packets as a pcap file with nanosecond timestamps (pcap-savefile(5)).
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

namespace netns {

/// Builds the bytes of a pcap file of link type Ethernet. The bytes gather in `pending()` until `clear()`; so a caller writes
/// many packets at once under load and single ones at once when it is quiet.
class PcapStream {
 public:
  /// Longer frames are cut to this; tcpdump's own default.
  static constexpr std::uint32_t kSnapLength = 262144;

  /// Starts with the file header.
  PcapStream();

  /// @param length  bytes the packet had on the link, at least as many as are kept of it
  void add(std::chrono::nanoseconds since_epoch, std::span<const std::uint8_t> frame, std::uint32_t length);

  std::span<const std::uint8_t> pending() const { return pending_; }
  void clear() { pending_.clear(); }

 private:
  std::vector<std::uint8_t> pending_;
};

}  // namespace netns
