// SPDX-License-Identifier: Apache-2.0
// emu/verify/report.hpp — the results of a lab's checks for people, for programs and for CI servers.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "emu/verify/verify.hpp"

namespace emu {

/// `over the peering`, or `got as far as the peering` for a request that was lost: some way along it, nobody knows how far.
std::string describe_way(Path path, bool arrived);

/// A table: one row a check, a line below it for each that failed, and a last line that counts.
///
///     ok    vm1 -> vm2              ping  0.07 ms  over the peering
///     FAIL  vm1 -> http://vm2/      http  403      over the peering
///           expected 200
///     2 checks, 1 holds, 1 does not                         0.4 s
std::string text_report(const std::vector<CheckResult>& results, std::chrono::nanoseconds elapsed, bool colour = false);

/// One JSON object, indented, with a newline at its end. A path that was not seen is null.
std::string json_report(std::string_view lab, const std::vector<CheckResult>& results);

/// JUnit's XML, as CI servers read it: a test case for each check.
std::string junit_report(std::string_view lab, const std::vector<CheckResult>& results, std::chrono::nanoseconds elapsed);

}  // namespace emu
