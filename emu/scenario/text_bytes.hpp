// SPDX-License-Identifier: Apache-2.0
// emu/scenario/text_bytes.hpp — whether the bytes of a file are UTF-8 text at all.
#pragma once

#include <optional>
#include <string_view>

#include "emu/scenario/yaml_faults.hpp"

namespace emu {

/// The first byte that no text file has, and why; nullopt when all of `text` is UTF-8 (RFC 3629) in lines.
std::optional<YamlFault> find_rubbish(std::string_view text);

}  // namespace emu
