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

/// A machine or a host, as far as what runs there depends on it.
struct ProgramHost {
  std::string_view node;
  std::string_view place;  ///< where it is, as its page says it
  const std::optional<std::uint16_t>& web;
  const Programs& programs;
  std::string itself;  ///< what makes it another machine when it changes: then its commands run anew
};

/// The process of the page.
inline constexpr std::string_view kPageProcess = "web";

/// The process of the command `setup[i]`, or `run[i]`. Those of `setup` are in order.
std::string setup_process(std::size_t i);
std::string run_process(std::size_t i);

/// A process of `node` that runs a command of the lab file.
netns::Process shell_process(const Model& model, std::string_view node, const std::string& command, const Places& places);

/// Adds the page, the commands that set the machine up, and those that it runs.
void add_programs(const Model& model, const ProgramHost& host, const Places& places, netns::Namespace& name_space);

}  // namespace emu
