// SPDX-License-Identifier: Apache-2.0
#include "emu/model/wording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "emu/model/name_key.hpp"

namespace emu {
namespace {

constexpr std::size_t kLongestQuote = 80;
constexpr std::size_t kLongestGuess = 128;  // a longer word is not a slip of the fingers

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Optimal string alignment distance; at least `limit` + 1 when it is more than `limit`.
std::size_t distance(std::string_view a, std::string_view b, std::size_t limit) {
  const auto far = limit + 1;
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return far;
  std::array<std::array<std::size_t, kLongestGuess + 1>, 3> rows{};  // row i is rows[i % 3]
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i - 1) % 3];
    row[0] = i;
    auto smallest = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool equal = lower_case(a[i - 1]) == lower_case(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (equal ? 0U : 1U)});
      if (i > 1 && j > 1 && lower_case(a[i - 1]) == lower_case(b[j - 2]) && lower_case(a[i - 2]) == lower_case(b[j - 1]))
        row[j] = std::min(row[j], rows[(i - 2) % 3][j - 2] + 1);
      smallest = std::min(smallest, row[j]);
    }
    if (smallest > far) return far;  // a swap looks two rows back, so one more than the limit can still come down
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_control(c))
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out;
}

std::string_view start_of(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && continues_character(text[bytes])) --bytes;
  return text.substr(0, bytes);
}

std::string in_quotes(std::string_view text) {
  if (text.size() <= kLongestQuote) return fmt::format("'{}'", printable(text));
  return fmt::format("'{}...'", printable(start_of(text, kLongestQuote)));
}

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.empty() || word.size() > kLongestGuess) return std::nullopt;
  std::optional<std::string_view> best;
  constexpr std::size_t kMostSlips = 3;
  auto allowed = std::clamp<std::size_t>(word.size() / 3, 1, kMostSlips);
  for (const auto candidate : candidates) {
    if (candidate.size() > kLongestGuess) continue;
    const auto here = distance(word, candidate, allowed);
    if (here > allowed || here >= std::max(word.size(), candidate.size())) continue;
    best = candidate;
    if (here == 0) break;
    allowed = here - 1;
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const auto guess = nearest(word, candidates);
  return guess ? fmt::format(" (did you mean {}?)", in_quotes(*guess)) : std::string{};
}

std::string joined(std::span<const netns::Ipv4Prefix> prefixes) {
  std::string out;
  for (const auto& prefix : prefixes) {
    if (!out.empty()) out += ", ";
    out += to_string(prefix);
  }
  return out;
}

}  // namespace emu
