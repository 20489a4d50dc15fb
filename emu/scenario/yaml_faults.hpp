// SPDX-License-Identifier: Apache-2.0
// emu/scenario/yaml_faults.hpp — what keeps a text from being YAML, in words that fit a lab file.
//
// A parser tells where it lost the thread, which is often behind the mistake. So the lines at that place are looked at first, for the
// slips that people make: a tab, a blank that is missing behind `-` or `:`, a `*` without quotes. Only where they look right the
// parser's own reason is told.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "emu/model/diagnostic.hpp"

namespace emu {

/// Ends the reading of a file; nothing behind it could be trusted.
struct YamlFault {
  Position position;
  std::string message;
  std::string hint;
};

inline constexpr std::string_view kOpenQuote = "a quoted text is not closed";

/// Whether what stands behind such a key is nobody's to see: no message repeats it.
bool names_secret(std::string_view key);

/// Whether the quoted text at the start of `text` ends. The parser takes the end of the file for its end.
bool is_closed(std::string_view text);

/// The fault that shows itself in line `number`: in that line, or in the last one before it that holds anything; nullopt when both look
/// right.
std::optional<YamlFault> fault_before(std::string_view text, int number);

/// Whether the first line that holds anything is one of Terraform or Bicep.
std::optional<YamlFault> fault_in_language(std::string_view text);

/// Why the parser gave up.
///
/// @param parser_message  as yaml-cpp words it
/// @param open_bracket  where the bracket stands that was open
YamlFault explain_parser(std::string_view parser_message, Position position, std::string_view text, std::optional<Position> open_bracket);

}  // namespace emu
