// SPDX-License-Identifier: Apache-2.0
// netns/capture/packet_tap.hpp — copies of the packets that cross one link, or all links of a namespace (packet(7)).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "netns/base/unique_fd.hpp"
#include "netns/capture/packet_filter.hpp"

namespace netns {

/// Seen from the namespace of the tap: a packet it got from the link, or one it put there.
enum class Direction { In, Out };

/// A packet as it crossed a link. Checksums and segments that the hardware would have finished are not finished: a frame can be
/// up to 64 KiB long and its TCP checksum unset.
struct CapturedPacket {
  std::chrono::nanoseconds time{};  ///< since the epoch, taken by the kernel when the packet crossed the link
  int ifindex = 0;
  Direction direction = Direction::In;
  bool loopback = false;                ///< crossed `lo`, where every packet is seen twice, going out and coming in
  std::uint32_t length = 0;             ///< bytes on the link; more than `frame` holds when filter or buffer cut it
  std::span<const std::uint8_t> frame;  ///< starts with an Ethernet header, also where the link has none
};

/// Waits until packets bear the time at which they crossed their link: the kernel begins to note it a moment after the first socket asks,
/// and gives the time of reading until then. Some tap must be open, and `lo` up in the calling thread's namespace, which sees a few
/// datagrams. @throws KernelError when that does not come within a second
void await_packet_times();

class PacketTap {
 public:
  /// Large enough for every frame of IPv4 without BIG TCP.
  static constexpr std::size_t kLongestFrame = 131072;

  /// Listens from now on; no packet from before, or that the filter would not let through, is ever received.
  ///
  /// The calling thread visits the namespace and is back when this returns.
  /// @param link  empty for all links, also those that appear later
  /// @throws KernelError when the namespace or the link is missing, or the kernel refuses (CAP_NET_RAW)
  explicit PacketTap(std::string_view namespace_name, std::string_view link = {}, const PacketFilter& filter = {});

  /// Readable when a packet waits.
  int fd() const { return socket_.get(); }

  /// The next packet, without waiting; empty when none is there. The frame is valid until the next call.
  /// @throws KernelError
  std::optional<CapturedPacket> receive();

  /// The name the link has, or had when it was first asked for; `#<ifindex>` for one that is gone.
  const std::string& link_name(int ifindex);

  /// True when the one link this tap was opened on is gone. It will not come back: a new link of that name is another link.
  bool lost_its_link() const;

  /// Packets that found the receive buffer full since this was last called.
  std::uint64_t take_dropped();

 private:
  UniqueFd socket_;
  std::unique_ptr<std::uint8_t[]> buffer_;  ///< memory is taken page by page, as long frames come
  std::unordered_map<int, std::string> link_names_;
};

}  // namespace netns
