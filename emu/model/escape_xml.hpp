// SPDX-License-Identifier: Apache-2.0
// emu/model/escape_xml.hpp — text as part of XML or HTML.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace emu {

/// How many bytes the character at the start of `text` has in UTF-8; 0 when it is none, or none that XML 1.0 may hold.
inline std::size_t bytes_of_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const std::size_t count = byte(0) < 0x80 ? 1 : byte(0) < 0xC2 ? 0 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : byte(0) < 0xF5 ? 4 : 0;
  for (std::size_t i = 1; i < count; ++i)
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  const bool too_long = (byte(0) == 0xE0 && byte(1) < 0xA0) || (byte(0) == 0xF0 && byte(1) < 0x90);
  const bool no_character = (byte(0) == 0xED && byte(1) >= 0xA0) || (byte(0) == 0xF4 && byte(1) >= 0x90) ||
                            (byte(0) == 0xEF && byte(1) == 0xBF && byte(2) >= 0xBE);
  return too_long || no_character ? 0 : count;
}

/// Fit for an attribute's value and for text between tags; what is no text in UTF-8 becomes question marks.
inline std::string escape_xml(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto count = bytes_of_character(text);
    if (count != 1) {
      out += count == 0 ? "?" : text.substr(0, count);
      text.remove_prefix(count == 0 ? 1 : count);
      continue;
    }
    const char c = text.front();
    text.remove_prefix(1);
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += "&#10;"; break;
      case '\t': out += "&#9;"; break;
      default: out += static_cast<unsigned char>(c) < ' ' ? '?' : c;  // XML 1.0 has no way to write the others
    }
  }
  return out;
}

}  // namespace emu
