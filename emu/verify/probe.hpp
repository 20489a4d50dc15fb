// SPDX-License-Identifier: Apache-2.0
// emu/verify/probe.hpp — one question to the running lab, asked with real packets.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "emu/model/model.hpp"
#include "emu/verify/target.hpp"
#include "netns/probe/answer.hpp"

namespace emu {

struct ProbeRequest {
  std::string network_namespace;  ///< where the packets start: namespace_name(lab, node)
  CheckKind kind = CheckKind::Ping;
  Target target;
  Ipv4Address address;    ///< of the target's host
  std::uint32_t tag = 0;  ///< tells its packets from all others, see PathObserver::issue_tag
  netns::Patience patience;
  std::function<bool()> has_arrived = {};  ///< udp: whether its packets were seen at the target by now
};

enum class ProbeOutcome {
  Reachable,    ///< ping: a reply; tcp: a connection; udp: it arrived
  Status,       ///< http: a response
  Blocked,      ///< nothing came back
  Refused,      ///< RST, of udp an ICMP port unreachable: something answered, so it is neither reachable nor blocked
  Unreachable,  ///< an ICMP error came back, or the source has no way to send
  NoResponse,   ///< http: a connection, but no response
};

/// `reachable`, `blocked`, `refused`, `unreachable`, `no response`; `status` for ProbeOutcome::Status.
std::string_view to_string(ProbeOutcome outcome);

struct ProbeResult {
  ProbeOutcome outcome = ProbeOutcome::Blocked;
  int status = 0;                         ///< of ProbeOutcome::Status
  std::chrono::nanoseconds round_trip{};  ///< ping: request to reply; tcp and http: SYN to SYN,ACK; udp: to a datagram, if one came back
  std::string detail;                     ///< who answered what, where `outcome` alone does not say
};

/// The outcome in a report's words: `reachable`, `blocked`, …, or the status as a number.
std::string describe_outcome(const ProbeResult& result);

/// Asks and waits for the answer, at most as long as the patience. Any number of threads may do so at once.
/// @throws netns::KernelError when the namespace is missing or a socket is refused
ProbeResult probe(const ProbeRequest& request);

}  // namespace emu
