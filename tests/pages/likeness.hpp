// SPDX-License-Identifier: Apache-2.0
// tests/pages/likeness.hpp — whether a command printed what a page shows, but for what differs each time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace test {

/// Alone on a line of a page: any lines, or none. Within a line: any text.
inline constexpr std::string_view kAnything = "…";

/// Whether the line is `…` and nothing else, indented or not.
bool stands_for_lines(std::string_view line);

/// A line with a word in place of each thing that differs from run to run (times, ports that the kernel chose, counts of packets and
/// bytes, numbers of tunnels' packets, hardware addresses) and one space in place of several, since columns move with their widest entry.
std::string plain(const std::string& line);

/// `shown` of a page stands for `printed`.
bool line_matches(const std::string& shown, const std::string& printed);

/// As line_matches, for all lines of an output. Empty lines at the ends do not count.
bool matches(const std::vector<std::string>& shown, const std::vector<std::string>& printed);

}  // namespace test
