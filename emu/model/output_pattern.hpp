// SPDX-License-Identifier: Apache-2.0
// emu/model/output_pattern.hpp — the regular expressions that a check's output is held against.
#pragma once

#include <regex>

namespace emu {

/// ECMAScript's without back-references: what the library then does takes time in proportion, and no stack, whatever the expression.
inline constexpr auto kOutputSyntax = std::regex_constants::ECMAScript | std::regex_constants::__polynomial;

}  // namespace emu
