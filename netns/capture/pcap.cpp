// SPDX-License-Identifier: Apache-2.0
#include "netns/capture/pcap.hpp"

#include <algorithm>
#include <cstring>

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

void append(std::vector<std::uint8_t>& out, const void* bytes, std::size_t count) {
  if (count == 0) return;
  out.resize(out.size() + count);
  std::memcpy(out.data() + out.size() - count, bytes, count);
}

}  // namespace

PcapStream::PcapStream() {
  const FileHeader header;
  append(pending_, &header, sizeof header);
}

void PcapStream::add(std::chrono::nanoseconds since_epoch, std::span<const std::uint8_t> frame, std::uint32_t length) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const auto kept = frame.first(std::min<std::size_t>(frame.size(), kSnapLength));
  const PacketHeader header{static_cast<std::uint32_t>(seconds.count()), static_cast<std::uint32_t>((since_epoch - seconds).count()),
                            static_cast<std::uint32_t>(kept.size()), length};
  append(pending_, &header, sizeof header);
  append(pending_, kept.data(), kept.size());
}

}  // namespace netns
