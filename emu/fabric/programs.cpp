// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/programs.hpp"

#include <fmt/format.h>

#include <utility>

namespace emu {
namespace {

/// What every command of a machine depends on: when it changes, the machine is set up anew, and what it runs starts anew.
std::string context_of(const ProgramHost& host) {
  std::string context = host.itself;
  for (const auto& command : host.programs.setup) context += '\0' + command;
  return context;
}

}  // namespace

std::string setup_process(std::size_t i) { return fmt::format("setup{}", i); }

std::string run_process(std::size_t i) { return fmt::format("run{}", i); }

netns::Process shell_process(const Model& model, std::string_view node, const std::string& command, const Places& places) {
  netns::Process process{{"/bin/sh", "-c", command}, surroundings_of(model, node, places)};
  process.directory = places.directory;
  process.lifetime = netns::Lifetime::MayEnd;
  return process;
}

void add_programs(const Model& model, const ProgramHost& host, const Places& places, netns::Namespace& name_space) {
  if (!host.programs.setup.empty() || !host.programs.run.empty()) name_space.custody = netns::Custody::SelfConfigured;
  if (host.web) {
    auto surroundings = surroundings_of(model, host.node, places);
    surroundings.confined = false;  // it is Lazuli's own, and has given up its rights
    name_space.processes[std::string(kPageProcess)] = {{places.server(), "web-page", "--port", std::to_string(*host.web), "--node",
                                                        std::string(host.node), "--place", std::string(host.place)},
                                                       std::move(surroundings)};
  }
  const auto& programs = host.programs;
  const auto add = [&](std::string name, const std::string& command, netns::Lifetime lifetime) {
    auto process = shell_process(model, host.node, command, places);
    process.environment = programs.environment;
    process.user = programs.user;
    process.lifetime = lifetime;
    process.context = context_of(host);
    name_space.processes.insert_or_assign(std::move(name), std::move(process));
  };
  for (std::size_t i = 0; i < programs.setup.size(); ++i) add(setup_process(i), programs.setup[i], netns::Lifetime::RunsFirst);
  for (std::size_t i = 0; i < programs.run.size(); ++i) add(run_process(i), programs.run[i], netns::Lifetime::MayEnd);
}

}  // namespace emu
