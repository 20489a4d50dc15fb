// SPDX-License-Identifier: Apache-2.0
// tests/faults/raw_dumps.hpp — netlink dumps of the calling thread's network namespace as lines of text, for what ip(8) would take a
// process of its own to print.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace test {

/// IPv6 routes and rules, proxies, fixed bridge entries, queueing disciplines with filters' places, and what IPsec has: one line each,
/// without numbers that the kernel gives.
///
/// Attributes are printed as `number=bytes` but for those that name something: two dumps are compared, a person only looks for what
/// differs.
/// @param links names of links by their number
/// @throws std::system_error
std::vector<std::string> raw_dumps(const std::map<int, std::string>& links);

}  // namespace test
