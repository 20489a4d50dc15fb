// SPDX-License-Identifier: Apache-2.0
// emu/model/diagnostic.hpp — what is wrong with a lab file, where, and what to do about it.
#pragma once

#include <string>
#include <vector>

namespace emu {

enum class Severity { Warning, Error };

/// A place in a lab file; both count from 1, and 0 means the whole file.
struct Position {
  int line = 0;
  int column = 0;

  auto operator<=>(const Position&) const = default;
};

struct Diagnostic {
  Severity severity = Severity::Error;
  Position position;
  std::string message;
  std::string code;  ///< Azure's own error code, empty where Azure has none
  std::string hint;  ///< what to do, empty when the message says it

  bool operator==(const Diagnostic&) const = default;
};

using Diagnostics = std::vector<Diagnostic>;

bool has_errors(const Diagnostics& diagnostics);

/// Puts diagnostics in the order of the file, each once; what concerns the whole file comes first.
void sort_by_position(Diagnostics& diagnostics);

/// `file:line:column: error: message [Code]`
std::string diagnostic_line(const Diagnostic& diagnostic, const std::string& file);

/// The line of each, and its hint below it, indented.
std::string render(const Diagnostics& diagnostics, const std::string& file);

}  // namespace emu
