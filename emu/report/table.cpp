// SPDX-License-Identifier: Apache-2.0
#include "emu/report/table.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

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
  for (std::size_t i = 0; i < cells.size(); ++i) widths_[i] = std::max(widths_[i], display_width(cells[i]));
  rows_.push_back(std::move(cells));
}

std::vector<std::string> Table::lines() const {
  std::vector<std::string> out;
  out.reserve(rows_.size());
  for (const auto& row : rows_) {
    std::string line;
    std::size_t spaces = indent_;  // held back until something follows them
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!row[i].empty()) {
        line.append(spaces, ' ').append(row[i]);
        spaces = 0;
      }
      spaces += widths_[i] - display_width(row[i]) + (widths_[i] == 0 ? 0 : kGap);
    }
    out.push_back(std::move(line));
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
