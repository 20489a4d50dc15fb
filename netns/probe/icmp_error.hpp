// SPDX-License-Identifier: Apache-2.0
// netns/probe/icmp_error.hpp — ICMP errors that came back to a socket (IP_RECVERR in ip(7)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "netns/base/unique_fd.hpp"

namespace netns {

struct IcmpError {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::string description;             ///< `ICMP host unreachable from 10.0.0.1`
  std::vector<std::uint8_t> original;  ///< what the error quotes of the packet it is about, from its transport header on
};

/// Makes `socket` keep ICMP errors for `take_icmp_error`. @throws KernelError
void keep_icmp_errors(const UniqueFd& socket);

/// Takes the oldest kept error, without waiting; empty when there is none.
std::optional<IcmpError> take_icmp_error(const UniqueFd& socket);

/// `host unreachable`, `port unreachable`, `time exceeded` …; `type 3 code 99` for what has no name here.
std::string describe_icmp(std::uint8_t type, std::uint8_t code);

}  // namespace netns
