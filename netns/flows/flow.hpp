// SPDX-License-Identifier: Apache-2.0
// netns/flows/flow.hpp — one flow as connection tracking knows it, and a packet that a rule logged: values.
#pragma once

#include <cstdint>
#include <string>

#include "netns/base/address.hpp"

namespace netns {

/// Who talks to whom. Ports are 0 where the protocol has none.
struct FlowEnds {
  std::uint8_t protocol = 0;  ///< IANA's number
  Ipv4Address source;
  Ipv4Address destination;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;

  auto operator<=>(const FlowEnds&) const = default;
};

/// Packets, and their bytes from the IP header on.
struct FlowCount {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;

  bool operator==(const FlowCount&) const = default;
};

struct Flow {
  /// The kernel's number of it. Another flow may have the same one, so what tells flows apart is this and `opened`.
  std::uint32_t id = 0;
  FlowEnds opened;            ///< as its first packet came in
  FlowEnds delivered;         ///< the same, with the destination that it was translated to: where answers come from
  std::uint16_t echo_id = 0;  ///< of an ICMP query
  bool over = false;          ///< TCP: both sides have closed it, or one has reset it
  FlowCount sent;             ///< by who opened it
  FlowCount received;
  Ipv4Address shown{};  ///< the source that `opened` was translated to: where answers are sent

  bool operator==(const Flow&) const = default;
};

struct FlowEvent {
  enum class Kind {
    Began,  ///< its first packet got through; the counters are 0
    Over,   ///< see Flow::over; the counters are 0, `FlowEvents::find` knows them
    Gone,   ///< the kernel forgot it; the counters are its last
  };
  Kind kind = Kind::Began;
  Flow flow;

  bool operator==(const FlowEvent&) const = default;
};

/// What a rule `log prefix "..." group <n>` passed on.
struct LoggedPacket {
  std::string prefix;
  MacAddress sender;  ///< who put it on the link that it came in by; zeros where the link has no such addresses
  FlowEnds ends;
  std::uint16_t echo_id = 0;  ///< of an ICMP query

  bool operator==(const LoggedPacket&) const = default;
};

}  // namespace netns
