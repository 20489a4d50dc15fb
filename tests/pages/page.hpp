// SPDX-License-Identifier: Apache-2.0
// tests/pages/page.hpp — a README as a reader types it in: its commands in order, and the output that it shows for each.
//
// The notation is told in CONTRIBUTING.md, under "Pages".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// What a reader does: types a command, or writes a file.
struct PageStep {
  std::string file;                 ///< its name, when the step is a file
  std::string text;                 ///< the command, with here-documents and continued lines; or what is in the file
  std::vector<std::string> output;  ///< lines that the page shows below the command
  std::size_t line = 0;             ///< where the text begins, from 1
  std::size_t output_line = 0;      ///< where the output begins or would begin, from 1
};

struct Page {
  std::vector<std::string> lines;
  std::vector<PageStep> steps;
  std::vector<std::string> faults;  ///< what is against the notation, each with its line
};

Page read_page(std::string_view text);

/// The page's text with `outputs` below its commands, one for each step; what stands for anything (`…`), and lines that differ only in
/// what may differ, stay as they are where that is possible.
std::string with_outputs(const Page& page, const std::vector<std::vector<std::string>>& outputs);

/// `output` as the page would show it that showed `shown` so far.
std::vector<std::string> renewed(const std::vector<std::string>& shown, const std::vector<std::string>& output);

}  // namespace test
