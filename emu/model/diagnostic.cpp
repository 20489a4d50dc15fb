// SPDX-License-Identifier: Apache-2.0
#include "emu/model/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace emu {

bool has_errors(const Diagnostics& diagnostics) {
  return std::ranges::any_of(diagnostics, [](const Diagnostic& d) { return d.severity == Severity::Error; });
}

void sort_by_position(Diagnostics& diagnostics) {
  std::ranges::stable_sort(diagnostics, {}, &Diagnostic::position);
  // Repeats stand at one place, so the few of a place are compared with each other only.
  auto kept = diagnostics.begin();
  auto same_place = diagnostics.begin();  // the first kept one at the place that is looked at
  for (auto& diagnostic : diagnostics) {
    if (same_place != kept && same_place->position != diagnostic.position) same_place = kept;
    if (std::find(same_place, kept, diagnostic) != kept) continue;
    if (&*kept != &diagnostic) *kept = std::move(diagnostic);
    ++kept;
  }
  diagnostics.erase(kept, diagnostics.end());
}

std::string diagnostic_line(const Diagnostic& diagnostic, const std::string& file) {
  const auto& [line, column] = diagnostic.position;
  return fmt::format("{}: {}: {}{}", line == 0 ? file : fmt::format("{}:{}:{}", file, line, column),
                     diagnostic.severity == Severity::Error ? "error" : "warning", diagnostic.message,
                     diagnostic.code.empty() ? "" : fmt::format(" [{}]", diagnostic.code));
}

std::string render(const Diagnostics& diagnostics, const std::string& file) {
  std::string out;
  for (const auto& d : diagnostics) {
    out += diagnostic_line(d, file) + '\n';
    if (!d.hint.empty()) out += fmt::format("  {}\n", d.hint);
  }
  return out;
}

}  // namespace emu
