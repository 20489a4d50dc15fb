// SPDX-License-Identifier: Apache-2.0
// emu/cli/flow_log_collector.cpp — `lazuli flow-log-collector`, which `up` starts where a virtual network is recorded; not for people.
#include <memory>

#include "emu/cli/command.hpp"
#include "emu/flowlog/collector.hpp"

namespace emu::cli {

void add_flow_log_collector(CLI::App& app, Exit&) {
  auto* command = app.add_subcommand("flow-log-collector", "")->group("");
  const auto places = std::make_shared<CollectorPlaces>();
  command->add_option("--model", places->model)->required();
  command->add_option("--network", places->network)->required();
  command->add_option("--records", places->records)->required();
  command->callback([=] { run_flow_log_collector(*places); });
}

}  // namespace emu::cli
