// SPDX-License-Identifier: Apache-2.0
#include "emu/report/diagnostics_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "emu/model/wording.hpp"
#include "emu/report/table.hpp"
#include "emu/scenario/yaml_faults.hpp"

namespace emu {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr std::size_t kTabStop = 8;

/// A character as it is shown.
struct Glyph {
  std::string text;
  std::size_t width = 0;
};

/// What a terminal shows of `line`, and the glyph that the byte at `column` belongs to: one behind the last for the end of the line.
std::pair<std::vector<Glyph>, std::size_t> glyphs_of(std::string_view line, std::size_t column) {
  std::vector<Glyph> glyphs;
  std::size_t marked = 0;
  std::size_t shown = 0;
  for (std::size_t i = 0; i < line.size();) {
    auto end = i + 1;
    while (end < line.size() && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) ++end;
    auto text = line[i] == '\t' ? std::string(kTabStop - shown % kTabStop, ' ') : printable(line.substr(i, end - i));
    const auto width = display_width(text);
    if (i < column) marked = glyphs.size();
    if (end < column) marked = glyphs.size() + 1;
    shown += width;
    glyphs.push_back({std::move(text), width});
    i = end;
  }
  return {std::move(glyphs), std::min(marked, glyphs.size())};
}

/// Like `line_of` of a file that may be large: its lines are found once.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') starts_.push_back(i + 1);
  }

  std::string_view line(int number) const {
    if (number < 1 || static_cast<std::size_t>(number) > starts_.size()) return {};
    const auto start = starts_[static_cast<std::size_t>(number) - 1];
    auto found = text_.substr(start, text_.find('\n', start) - start);
    if (found.ends_with('\r')) found.remove_suffix(1);
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (number == 1 && found.starts_with(kByteOrderMark)) found.remove_prefix(kByteOrderMark.size());
    return found;
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

/// Whether a line may hold a shared key: it names one, or belongs to what a line above it names.
bool may_hold_secret(const Lines& lines, int number) {
  const auto line = lines.line(number);
  const auto indent = line.find_first_not_of(' ');
  if (names_secret(line) || indent == std::string_view::npos) return names_secret(line);
  for (int above = number - 1; above >= 1; --above) {
    const auto earlier = lines.line(above);
    const auto its_indent = earlier.find_first_not_of(' ');
    if (its_indent == std::string_view::npos) continue;
    // The items of a list may stand as far to the left as the key that they belong to.
    const bool is_item = line[indent] == '-' && earlier[its_indent] != '-';
    if (its_indent < indent || (is_item && its_indent == indent)) return names_secret(earlier);
  }
  return false;
}

std::string excerpt(std::string_view line, Position position, std::size_t width) {
  if (position.line < 1 || line.find_first_not_of(" \t") == std::string_view::npos) return {};
  const auto number = fmt::format("{:>5} | ", position.line);
  const auto room = std::max<std::size_t>(width, number.size() + 20) - number.size() - 1;
  const auto line_shown = glyphs_of(line, static_cast<std::size_t>(std::max(position.column, 1)));
  const auto& glyphs = line_shown.first;
  const auto marked = line_shown.second;
  // From the marked glyph outwards, as far as there is room; two columns are for what says that there is more.
  const auto width_at = [&](std::size_t i) { return i < glyphs.size() ? glyphs[i].width : std::size_t{1}; };
  auto first = marked;
  auto last = std::min(marked + 1, glyphs.size());  // one behind
  std::size_t used = width_at(marked) + 2;
  for (bool grew = true; grew;) {
    grew = false;
    if (first > 0 && used + width_at(first - 1) <= room) used += width_at(--first), grew = true;
    if (last < glyphs.size() && used + width_at(last) <= room) used += width_at(last++), grew = true;
  }
  std::string shown = first > 0 ? std::string(kEllipsis) : "";
  std::size_t before = first > 0 ? 1 : 0;
  for (auto i = first; i < last; ++i) {
    if (i < marked) before += glyphs[i].width;
    shown += glyphs[i].text;
  }
  if (last < glyphs.size()) shown += kEllipsis;
  while (shown.ends_with(' ')) shown.pop_back();
  return fmt::format("{}{}\n{:>5} | {:>{}}\n", number, shown, "", "^", before + 1);
}

std::string excerpt(const Lines& lines, Position position, std::size_t width) {
  const auto line = lines.line(position.line);
  if (may_hold_secret(lines, position.line)) return {};
  return excerpt(line, position, width);
}

}  // namespace

std::string source_excerpt(std::string_view text, Position position, std::size_t width) { return excerpt(Lines(text), position, width); }

std::string diagnostics_report(const Diagnostics& diagnostics, const std::string& file, std::string_view text,
                               const DiagnosticsView& view) {
  const Lines lines(view.with_lines ? text : std::string_view{});
  std::string out;
  std::array<std::size_t, 2> seen{};
  for (const auto& diagnostic : diagnostics) {
    const bool is_error = diagnostic.severity == Severity::Error;
    if (++seen[is_error ? 1 : 0] > view.most) continue;
    auto line = diagnostic_line(diagnostic, file);
    const std::string_view severity = is_error ? "error:" : "warning:";
    if (view.in_color)
      line.replace(line.find(severity, file.size()), severity.size(), fmt::format("\x1b[1;{}m{}\x1b[0m", is_error ? 31 : 33, severity));
    out += line + '\n';
    if (view.with_lines) out += excerpt(lines, diagnostic.position, view.width);
    if (!diagnostic.hint.empty()) out += fmt::format("  {}\n", diagnostic.hint);
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] <= view.most) continue;
    const auto more = seen[i] - view.most;
    out += fmt::format("{}: {} more {}{} like these\n", file, more, i == 0 ? "warning" : "error", more == 1 ? "" : "s");
  }
  return out;
}

}  // namespace emu
