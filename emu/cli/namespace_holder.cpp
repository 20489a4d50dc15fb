// SPDX-License-Identifier: Apache-2.0
// emu/cli/namespace_holder.cpp — `lazuli namespace-holder`: keeps the namespaces of a user; started by other commands.
#include <memory>

#include "emu/cli/command.hpp"
#include "netns/rootless/rootless.hpp"

namespace emu::cli {

void add_namespace_holder(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand(netns::kHolderCommand, "Keeps the namespaces of a user; other commands start it")->group("");
  const auto door = std::make_shared<int>(-1);
  const auto starter = std::make_shared<int>(-1);
  command->add_option("door", *door)->required();
  command->add_option("starter", *starter)->required();
  command->callback([=, &status] {
    netns::hold_namespaces(*door, *starter);
    status = Exit::Done;
  });
}

}  // namespace emu::cli
