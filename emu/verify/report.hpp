// SPDX-License-Identifier: Apache-2.0
// emu/verify/report.hpp — the results of a lab's checks for people, for programs and for CI servers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "emu/verify/verify.hpp"

namespace emu {

/// `over the peering`, or `got as far as the peering` for a request that was lost: some way along it, nobody knows how far.
std::string describe_way(Path path, bool arrived);

/// How wide the columns of a table of results are.
struct ReportColumns {
  std::size_t subject = 0;
  std::size_t kind = 0;
  std::size_t outcome = 0;
};

ReportColumns columns_of(const std::vector<CheckResult>& results);
/// Before there are results: the outcome has room for whatever comes.
ReportColumns columns_of(const std::vector<Check>& checks);

/// A row, and below it why it failed, if it did, with the last lines of what a command wrote.
std::string result_text(const CheckResult& result, const ReportColumns& columns, bool colour = false);

/// `  2 checks, 1 holds, 1 does not                         0.4 s`
std::string count_text(const CheckRun& run);

/// A table: one row a check, a line below it for each that failed, and a last line that counts.
///
///     ok    vm1 -> vm2              ping  0.07 ms  over the peering
///     FAIL  vm1 -> http://vm2/      http  403      over the internet
///           expected 200
///     2 checks, 1 holds, 1 does not                         0.4 s
std::string text_report(const CheckRun& run, bool colour = false);

/// `  step 2: the other side peers, too`
std::string step_heading(std::size_t number, std::string_view name);

/// One JSON object, indented, with a newline at its end. A path that was not seen is null, durations are in milliseconds, times in UTC.
/// @param runs  of the lab's own checks, then of each step of a lesson, if it was played
std::string json_report(std::string_view lab, const std::vector<CheckRun>& runs);

/// JUnit's XML, as CI servers read it: a suite for the lab's own checks and for each step, with a test case for each check.
std::string junit_report(std::string_view lab, const std::vector<CheckRun>& runs);

}  // namespace emu
