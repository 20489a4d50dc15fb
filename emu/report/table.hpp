// SPDX-License-Identifier: Apache-2.0
// emu/report/table.hpp — text in columns, as wide as a terminal shows it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace emu {

/// The columns that UTF-8 `text` takes on a terminal: a CJK letter takes two, a combining mark none.
std::size_t display_width(std::string_view text);

/// Of tables below a heading.
inline constexpr std::size_t kIndent = 2;

/// Rows of left-aligned cells.
///
///     Table table;
///     table.add({"NODE", "SUBNET"});
///     table.add({"vm1", "hub/default"});
///     out << table.text();
///
/// A column is as wide as its widest cell. Rows may differ in length; no line ends in a space. Where the terminal is narrower than the
/// table, the widest columns give way first: their cells go on below, broken between words, then after `,` and `/` and before a capital
/// letter, and in the middle of a word only where nothing else helps. Nothing is left out.
class Table {
 public:
  /// @param indent  spaces before every line
  explicit Table(std::size_t indent = 0) : indent_(indent) {}

  void add(std::vector<std::string> cells);

  /// One string a row, without its last newline: of a row whose cells go on below it has several lines.
  std::vector<std::string> lines() const;
  /// All lines, each with its newline.
  std::string text() const;
  /// The same for the rows that were added since the last call; columns stay as wide as they were.
  std::string take_text();

 private:
  std::size_t indent_;
  std::vector<std::size_t> widths_;     ///< of the widest cell of each column
  std::vector<std::size_t> narrowest_;  ///< of the widest part that is not broken
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace emu
