// SPDX-License-Identifier: Apache-2.0
#include "netns/capture/capture.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <span>

#include "netns/base/error.hpp"
#include "netns/capture/packet_tap.hpp"
#include "netns/capture/pcap.hpp"
#include "netns/namespace/namespace.hpp"

namespace netns {
namespace {

constexpr std::size_t kLargeWrite = 1U << 20U;
constexpr int kLookEveryMilliseconds = 1000;

/// A namespace's identity; a namespace that lost its name, or a new one of the same name, has another.
std::uint64_t inode_of(std::string_view namespace_name) {
  struct stat status {};
  return ::stat(namespace_path(namespace_name).c_str(), &status) == 0 ? status.st_ino : 0;
}

/// False when the reader is gone.
bool write_all(int out, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(out, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      continue;
    }
    const int error = errno;
    if (error == EPIPE || error == ECONNRESET) return false;
    if (error == EAGAIN) {
      pollfd writable{out, POLLOUT, 0};
      ::poll(&writable, 1, kLookEveryMilliseconds);
    } else if (error != EINTR) {
      throw KernelError(error, "write captured packets");
    }
  }
  return true;
}

/// Moves packets that wait into `pcap`, at most one large write of them and none from after `end`.
/// @return true when more may wait
bool gather(PacketTap& tap, std::optional<std::chrono::nanoseconds> end, PcapStream& pcap, CaptureCounts& counts) {
  while (pcap.pending().size() < kLargeWrite) {
    const auto packet = tap.receive();
    if (!packet || (end && packet->time > *end)) return false;
    if (packet->loopback && packet->direction == Direction::Out) continue;
    pcap.add(packet->time, packet->frame, packet->length);
    ++counts.written;
  }
  return true;
}

}  // namespace

CaptureCounts capture(std::string_view namespace_name, std::string_view link, int out, int stop, const std::function<void()>& begun) {
  PacketTap tap(namespace_name, link);
  if (begun) begun();
  const auto inode = inode_of(namespace_name);
  CaptureCounts counts;
  PcapStream pcap;
  std::optional<std::chrono::nanoseconds> end;
  bool more = false;
  // The file header is written before the first packet comes: a reader knows by it that the tap is open.
  while (write_all(out, pcap.pending()) && (more || !end)) {
    pcap.clear();
    std::array<pollfd, 3> waits{pollfd{tap.fd(), POLLIN, 0}, pollfd{stop, POLLIN, 0}, pollfd{out, 0, 0}};
    if (::poll(waits.data(), waits.size(), more ? 0 : kLookEveryMilliseconds) < 0) {
      const int error = errno;
      if (error != EINTR) throw KernelError(error, "wait for packets");
    }
    const bool reader_left = (waits[2].revents & (POLLERR | POLLHUP)) != 0;
    if (reader_left) break;
    const bool told_to_stop = waits[1].revents != 0;
    if (!end && (told_to_stop || tap.lost_its_link() || inode_of(namespace_name) != inode))
      end = std::chrono::system_clock::now().time_since_epoch();
    more = gather(tap, end, pcap, counts);
  }
  counts.dropped = tap.take_dropped();
  return counts;
}

}  // namespace netns
