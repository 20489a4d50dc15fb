// SPDX-License-Identifier: Apache-2.0
// emu/verify/matrix_report.hpp — a matrix for people, for programs, for CI servers and for a browser.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "emu/verify/matrix.hpp"

namespace emu {

/// A table of all pairs, then both stories of every disagreement, then why questions could not be asked, then a line that counts.
///
///                vm1    vm2    laptop
///       vm1      .      ok     ok
///       laptop   --     some   .
///
std::string matrix_text(const Matrix& matrix, bool colour = false);

/// One JSON object, indented, with a newline at its end: every cell with both verdicts and the predicted way.
std::string matrix_json(std::string_view lab, const Matrix& matrix);

/// JUnit's XML, as CI servers read it: a test case for each cell.
std::string matrix_junit(std::string_view lab, const Matrix& matrix);

/// One HTML page that needs nothing but itself: the table in colours, and both stories of the pair that is pointed at.
std::string matrix_html(std::string_view lab, const Matrix& matrix);

/// What the page's script reads: the cells as in `matrix_json`, `columns`, and `rows` with their marks; in one line.
std::string matrix_page_data(const Matrix& matrix);

/// What a pair comes to, in the order of what says more.
enum class MatrixMark {
  Self,       ///< nothing was asked
  Nothing,    ///< nothing passes
  Passes,     ///< everything that was asked comes back
  Else,       ///< it does, from another node, which has that address there
  Some,       ///< part of it
  NotAsked,   ///< some question could not be asked
  Disagrees,  ///< with what was predicted, in one point at least
};

/// `.`, `--`, `ok`, `else`, `some`, `??`, `!!`
std::string_view to_string(MatrixMark mark);

/// The marks of all pairs, by row and column.
std::map<std::pair<std::size_t, std::size_t>, MatrixMark> marks_of(const Matrix& matrix);

/// `vm1 -> vm2.public`
std::string pair_of(const Matrix& matrix, const MatrixCell& cell);

/// What was measured, in a word: `reachable`, `blocked`, `403`, `not run`.
std::string measured_of(const MatrixCell& cell);

/// Where `cell` agrees nothing; else both verdicts in a line, or why it was not asked.
std::string disagreement_of(const MatrixCell& cell);

}  // namespace emu
