// SPDX-License-Identifier: Apache-2.0
#include "emu/report/table.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "emu/report/terminal.hpp"

namespace emu {
namespace {

constexpr std::size_t kGap = 3;

struct CodePoints {
  std::uint32_t first;
  std::uint32_t last;
};

// The blocks of Unicode's East Asian Width W and F that names and commands may hold, not every single letter of them.
constexpr std::array kWide{CodePoints{0x1100, 0x115F},  CodePoints{0x2E80, 0xA4CF},   CodePoints{0xAC00, 0xD7A3},
                           CodePoints{0xF900, 0xFAFF},  CodePoints{0xFE30, 0xFE6F},   CodePoints{0xFF00, 0xFF60},
                           CodePoints{0xFFE0, 0xFFE6},  CodePoints{0x1F300, 0x1F64F}, CodePoints{0x1F900, 0x1F9FF},
                           CodePoints{0x20000, 0x3FFFD}};
constexpr std::array kNone{CodePoints{0x0300, 0x036F}, CodePoints{0x200B, 0x200F}, CodePoints{0xFE00, 0xFE0F}};

template <std::size_t Size>
bool in(const std::array<CodePoints, Size>& blocks, std::uint32_t letter) {
  return std::ranges::any_of(blocks, [&](const CodePoints& block) { return block.first <= letter && letter <= block.last; });
}

std::size_t width_of(std::uint32_t letter) {
  if (letter < 0x0300) return 1;
  if (in(kNone, letter)) return 0;
  return in(kWide, letter) ? 2 : 1;
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/// Whether a cell may be broken before `text[at]`. `10.0.0.0/16` and `http://vm1/` stay whole.
bool may_break_before(std::string_view text, std::size_t at) {
  const char before = text[at - 1];
  const char here = text[at];
  if (before == ' ' || before == ',') return here != ' ';
  if (before == '/') return at >= 2 && text[at - 2] != ':' && text[at - 2] != '/' && (is_lower(here) || is_upper(here));
  return is_lower(before) && is_upper(here);
}

/// The parts of a cell that are not broken; the spaces between two words end the first of them.
std::vector<std::string_view> parts_of(std::string_view cell) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  for (std::size_t at = 1; at < cell.size(); ++at) {
    if (!may_break_before(cell, at)) continue;
    parts.push_back(cell.substr(start, at - start));
    start = at;
  }
  parts.push_back(cell.substr(start));
  return parts;
}

std::string_view without_spaces_behind(std::string_view text) { return text.substr(0, text.find_last_not_of(' ') + 1); }

/// As many letters from the start of `text` as take `width` columns, at least one.
std::string_view start_of(std::string_view text, std::size_t width) {
  std::size_t end = 0;
  while (end < text.size()) {
    auto next = end + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0U) == 0x80U) ++next;
    if (end != 0 && display_width(text.substr(0, next)) > width) break;
    end = next;
  }
  return text.substr(0, end);
}

/// The lines of a cell in a column of that width.
std::vector<std::string> lines_of(std::string_view cell, std::size_t width) {
  if (display_width(cell) <= width) return {std::string(cell)};
  std::vector<std::string> lines;
  std::string line;
  for (auto part : parts_of(cell)) {
    if (!line.empty() && display_width(line) + display_width(without_spaces_behind(part)) > width) {
      lines.emplace_back(without_spaces_behind(line));
      line.clear();
    }
    while (display_width(without_spaces_behind(part)) > width) {
      const auto start = start_of(part, width);
      lines.emplace_back(start);
      part.remove_prefix(start.size());
    }
    line += part;
  }
  if (const auto last = without_spaces_behind(line); !last.empty()) lines.emplace_back(last);
  return lines;
}

struct Layout {
  std::vector<std::size_t> widths;
  std::size_t gap = kGap;

  std::size_t total(std::size_t indent) const {
    std::size_t sum = indent;
    for (const auto width : widths) sum += width == 0 ? 0 : width + gap;
    return sum - std::min(sum, gap);
  }
};

/// Narrows columns, always the widest of those above their least width, until `total` fits or nothing can give way.
void narrow(Layout& layout, const std::vector<std::size_t>& least, std::size_t indent, std::size_t limit) {
  auto& widths = layout.widths;
  for (auto total = layout.total(indent); total > limit; --total) {
    std::size_t widest = widths.size();
    for (std::size_t i = 0; i < widths.size(); ++i)
      if (widths[i] > least[i] && (widest == widths.size() || widths[i] > widths[widest])) widest = i;
    if (widest == widths.size()) return;
    --widths[widest];
  }
}

Layout fitted(const std::vector<std::size_t>& widths, const std::vector<std::size_t>& narrowest, std::size_t indent) {
  constexpr std::size_t kLeast = 6;
  const auto limit = terminal().width;
  Layout layout{widths};
  if (limit == 0) return layout;
  if (layout.total(indent) > limit) layout.gap = 2;
  narrow(layout, narrowest, indent, limit);
  if (layout.total(indent) > limit) layout.gap = 1;
  auto least = narrowest;
  for (auto& width : least) width = std::min(width, kLeast);
  narrow(layout, least, indent, limit);
  return layout;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    std::uint32_t letter = lead < 0x80 ? lead : lead < 0xE0 ? lead & 0x1FU : lead < 0xF0 ? lead & 0x0FU : lead & 0x07U;
    for (; lead >= 0x80 && i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U; ++i)
      letter = letter << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
    width += width_of(letter);
  }
  return width;
}

void Table::add(std::vector<std::string> cells) {
  widths_.resize(std::max(widths_.size(), cells.size()));
  narrowest_.resize(widths_.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    widths_[i] = std::max(widths_[i], display_width(cells[i]));
    for (const auto part : parts_of(cells[i])) narrowest_[i] = std::max(narrowest_[i], display_width(without_spaces_behind(part)));
  }
  rows_.push_back(std::move(cells));
}

std::vector<std::string> Table::lines() const {
  const auto [widths, gap] = fitted(widths_, narrowest_, indent_);
  std::vector<std::string> out;
  out.reserve(rows_.size());
  for (const auto& row : rows_) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 1;
    for (std::size_t i = 0; i < row.size(); ++i) height = std::max(height, cells.emplace_back(lines_of(row[i], widths[i])).size());
    std::string lines;
    for (std::size_t line = 0; line < height; ++line) {
      if (line != 0) lines.append(1, '\n');
      std::size_t spaces = indent_;  // held back until something follows them
      for (std::size_t i = 0; i < row.size(); ++i) {
        const auto text = line < cells[i].size() ? std::string_view(cells[i][line]) : std::string_view();
        if (!text.empty()) {
          lines.append(spaces, ' ').append(text);
          spaces = 0;
        }
        spaces += widths[i] - display_width(text) + (widths[i] == 0 ? 0 : gap);
      }
    }
    out.push_back(std::move(lines));
  }
  return out;
}

std::string Table::text() const {
  std::string out;
  for (const auto& line : lines()) out.append(line).append(1, '\n');
  return out;
}

std::string Table::take_text() {
  auto out = text();
  rows_.clear();
  return out;
}

}  // namespace emu
