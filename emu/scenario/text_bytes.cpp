// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario/text_bytes.hpp"

#include <fmt/format.h>

namespace emu {
namespace {

/// The length of the UTF-8 sequence at the start of `text` (RFC 3629), 0 when there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) { return byte(i) >= low && byte(i) <= high; };
  const auto first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) return continues(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && continues(2) ? 3 : 0;
  if (first >= 0xF0 && first <= 0xF4)
    return continues(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && continues(2) && continues(3) ? 4 : 0;
  return 0;
}

constexpr std::string_view kSaveAsUtf8 = "save the file as UTF-8 text";

/// What the first bytes of a file say about it when it is no UTF-8 text; empty when they say nothing.
std::string_view kind_of_file(std::string_view text) {
  const auto has_nul_at = [&](std::size_t i) { return i < text.size() && text[i] == '\0'; };
  if (text.starts_with(std::string_view("\xFF\xFE\0\0", 4)) || text.starts_with(std::string_view("\0\0\xFE\xFF", 4))) return "UTF-32 text";
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return "UTF-16 text";
  if (text.size() >= 4 && has_nul_at(0) != has_nul_at(1) && has_nul_at(0) == has_nul_at(2) && has_nul_at(1) == has_nul_at(3))
    return "UTF-16 text";
  if (text.starts_with("\x7F"
                       "ELF"))
    return "a program";
  if (text.starts_with("\x1F\x8B")) return "compressed by gzip";
  if (text.starts_with("PK\x03\x04")) return "a ZIP archive or an Office document";
  return {};
}

}  // namespace

std::optional<YamlFault> find_rubbish(std::string_view text) {
  if (const auto kind = kind_of_file(text); !kind.empty()) {
    const bool is_text = kind.ends_with("text");
    return YamlFault{{1, 1}, fmt::format("this file is {}", kind), std::string(is_text ? kSaveAsUtf8 : "a lab file is plain text")};
  }
  Position position{1, 1};
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\0') return YamlFault{position, "a NUL byte: this is not a text file", std::string(kSaveAsUtf8)};
    if (text[i] == '\r' && text.substr(i + 1, 1) != "\n")
      return YamlFault{position, "a carriage return that ends no line", "end lines as Unix does, or as Windows does"};
    const auto length = utf8_length(text.substr(i));
    if (length == 0) return YamlFault{position, "this is not UTF-8 text", std::string(kSaveAsUtf8)};
    position = text[i] == '\n' ? Position{position.line + 1, 1} : Position{position.line, position.column + static_cast<int>(length)};
    i += length;
  }
  return std::nullopt;
}

}  // namespace emu
