// SPDX-License-Identifier: Apache-2.0
// netns/probe/answer.hpp — what came back to a probe, and how long to wait for it.
#pragma once

#include <chrono>
#include <string>

namespace netns {

enum class Answer {
  Reply,        ///< the target answered as asked
  Refused,      ///< the target, or somebody for it, answered with RST
  Unreachable,  ///< an ICMP error came back, or this namespace has no way to send
  Silence,      ///< nothing came back
};

/// How long a probe goes on.
struct Patience {
  std::chrono::milliseconds limit{1000};  ///< silence until then is the answer
  bool insists = false;                   ///< Refused and Unreachable are tried again until the limit, as for a server that starts

  bool operator==(const Patience&) const = default;
};

/// Enough for a second try of whatever gets lost while a network is warming up: an ARP resolution, a SYN.
inline constexpr Patience kProvesSilence{std::chrono::milliseconds{1200}, false};
inline constexpr Patience kProvesReply{std::chrono::milliseconds{5000}, true};

struct ProbeAnswer {
  Answer answer = Answer::Silence;
  std::chrono::nanoseconds round_trip{};  ///< of a Reply
  std::string detail;                     ///< who answered with what, for all but Reply and Silence
};

}  // namespace netns
