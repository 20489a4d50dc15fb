// SPDX-License-Identifier: Apache-2.0
#include "emu/model/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace emu {

bool has_errors(const Diagnostics& diagnostics) {
  return std::ranges::any_of(diagnostics, [](const Diagnostic& d) { return d.severity == Severity::Error; });
}

void sort_by_position(Diagnostics& diagnostics) { std::ranges::stable_sort(diagnostics, {}, &Diagnostic::position); }

std::string render(const Diagnostics& diagnostics, const std::string& file) {
  std::string out;
  for (const auto& d : diagnostics) {
    const auto where = d.position.line == 0 ? file : fmt::format("{}:{}:{}", file, d.position.line, d.position.column);
    out += fmt::format("{}: {}: {}", where, d.severity == Severity::Error ? "error" : "warning", d.message);
    if (!d.code.empty()) out += fmt::format(" [{}]", d.code);
    out += '\n';
    if (!d.hint.empty()) out += fmt::format("  {}\n", d.hint);
  }
  return out;
}

}  // namespace emu
