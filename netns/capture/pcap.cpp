// SPDX-License-Identifier: Apache-2.0
#include "netns/capture/pcap.hpp"

#include <algorithm>

namespace netns {
namespace {

// Readers tell the byte order from the magic number, so numbers are written as this machine has them.
struct FileHeader {
  std::uint32_t magic = 0xa1b23c4d;  // nanoseconds
  std::uint16_t major = 2;
  std::uint16_t minor = 4;
  std::uint32_t zone = 0;
  std::uint32_t accuracy = 0;
  std::uint32_t snap_length = PcapStream::kSnapLength;
  std::uint32_t link_type = 1;  // LINKTYPE_ETHERNET
};

struct PacketHeader {
  std::uint32_t seconds;
  std::uint32_t nanoseconds;
  std::uint32_t kept;
  std::uint32_t length;
};

template <typename Value>
void append(std::vector<std::uint8_t>& out, const Value& value) {
  const auto* first = reinterpret_cast<const std::uint8_t*>(&value);
  out.insert(out.end(), first, first + sizeof value);
}

}  // namespace

PcapStream::PcapStream() { append(pending_, FileHeader{}); }

void PcapStream::add(std::chrono::nanoseconds since_epoch, std::span<const std::uint8_t> frame, std::uint32_t length) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const auto kept = frame.first(std::min<std::size_t>(frame.size(), kSnapLength));
  append(pending_, PacketHeader{static_cast<std::uint32_t>(seconds.count()), static_cast<std::uint32_t>((since_epoch - seconds).count()),
                                static_cast<std::uint32_t>(kept.size()), length});
  pending_.insert(pending_.end(), kept.begin(), kept.end());
}

}  // namespace netns
