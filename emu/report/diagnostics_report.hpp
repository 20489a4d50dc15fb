// SPDX-License-Identifier: Apache-2.0
// emu/report/diagnostics_report.hpp — what is wrong with a lab file, for a person: each message with the line of the file it is about.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "emu/model/diagnostic.hpp"

namespace emu {

struct DiagnosticsView {
  bool with_lines = false;  ///< show the line of the file under each message
  bool in_color = false;
  std::size_t width = 80;  ///< columns of the terminal
  std::size_t most = 50;   ///< that are shown of each severity
};

/// The line `number` of `text`, with a `^` below `column` (in bytes), both from 1:
///
///      3 |     address_space: 10.0.0.0/16
///        |                    ^
///
/// A tab is shown as spaces, what a terminal would obey as an escape, and of a line that is wider than `width` what surrounds the
/// column. Empty for a line that is not there, and for one that may hold a shared key.
std::string source_excerpt(std::string_view text, Position position, std::size_t width);

/// Each diagnostic: its line (`diagnostic_line`, for grep and editors), the excerpt, its hint.
/// @param text  of the file
std::string diagnostics_report(const Diagnostics& diagnostics, const std::string& file, std::string_view text, const DiagnosticsView& view);

}  // namespace emu
