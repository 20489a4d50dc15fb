// SPDX-License-Identifier: Apache-2.0
// netns/capture/packet_filter.hpp — classic BPF programs: which packets a tap is given at all.
#pragma once

#include <cstdint>
#include <vector>

namespace netns {

/// One instruction, as `struct sock_filter` has it.
struct BpfInstruction {
  std::uint16_t code = 0;
  std::uint8_t jump_if_true = 0;
  std::uint8_t jump_if_false = 0;
  std::uint32_t operand = 0;

  bool operator==(const BpfInstruction&) const = default;
};

/// A program the kernel runs on every packet; the number it returns is how many bytes are kept. Empty: all of every packet.
using PacketFilter = std::vector<BpfInstruction>;

/// Keeps the first bytes of IPv4 packets that ask for something: ICMP echo requests, TCP SYNs without ACK, and UDP datagrams of probes
/// (packet.hpp). Everything else
/// is turned away before it is queued, so a tap with this filter costs next to nothing while other traffic flows.
PacketFilter requests_only();

/// The same, and what may answer them: any ICMP, TCP SYN,ACK and RST.
PacketFilter requests_and_answers();

}  // namespace netns
