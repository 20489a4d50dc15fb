// SPDX-License-Identifier: Apache-2.0
// emu/model/escape_xml.hpp — text as part of XML or HTML.
#pragma once

#include <string>
#include <string_view>

namespace emu {

/// Fit for an attribute's value and for text between tags.
inline std::string escape_xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
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
