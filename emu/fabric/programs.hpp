// SPDX-License-Identifier: Apache-2.0
// emu/fabric/programs.hpp — what runs in a machine or a host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emu/fabric/fabric.hpp"

namespace emu {

/// Adds the page on port `web` and the commands `run`. @param place  where the node is, as its page says it
void add_programs(const Model& model, std::string_view node, std::string_view place, const std::optional<std::uint16_t>& web,
                  const std::vector<std::string>& run, const Places& places, netns::Namespace& name_space);

}  // namespace emu
