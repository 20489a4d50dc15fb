// SPDX-License-Identifier: Apache-2.0
// emu/cli/mock_service.cpp — `lazuli mock-service`, which `up` starts where a lab's emulated services are; not for people.
#include "emu/services/mock_service.hpp"

#include <memory>

#include "emu/cli/command.hpp"

namespace emu::cli {

void add_mock_service(CLI::App& app, Exit&) {
  auto* command = app.add_subcommand("mock-service", "")->group("");
  const auto configuration = std::make_shared<std::string>();
  command->add_option("--configuration", *configuration)->required();
  command->callback([=] { run_mock_service(*configuration); });
}

}  // namespace emu::cli
