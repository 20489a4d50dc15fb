// SPDX-License-Identifier: Apache-2.0
// emu/cli/status.cpp — `lazuli status [LAB]` and `lazuli routes NODE`.
#include <fmt/format.h>

#include <memory>

#include "emu/cli/command.hpp"
#include "emu/lab/tunnels.hpp"
#include "emu/report/routes_report.hpp"
#include "emu/report/status_report.hpp"
#include "emu/semantics/next_hop.hpp"
#include "emu/semantics/peering_state.hpp"

namespace emu::cli {
namespace {

struct RoutesArguments {
  std::string lab;
  std::string node;
  bool as_json = false;
};

Exit run_routes(const RoutesArguments& arguments) {
  const auto model = running_lab(arguments.lab);
  const auto& machine = require_machine(model, arguments.node);
  const auto routes = effective_routes(model, machine);
  fmt::print("{}", arguments.as_json ? routes_json(routes) : routes_table(routes));
  if (!arguments.as_json) {
    for (const auto& peering : idle_peerings(model, *find_virtual_network(model, machine.subnet.virtual_network)))
      fmt::print("{}\n", peering.words);
  }
  return Exit::Done;
}

}  // namespace

void add_status(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("status", "Networks, peerings, VPN connections, services, machines");
  const auto lab = std::make_shared<std::string>();
  const auto as_json = std::make_shared<bool>(false);
  command->add_option("lab", *lab, "Not needed when one lab runs");
  command->add_flag("--json", *as_json, "As JSON, with ARM's property names; of a VPN connection also what its ends agreed on");
  command->callback([=, &status] {
    require_root(*command);
    const auto model = running_lab(*lab);
    const auto connections = connection_statuses(model);
    fmt::print("{}", *as_json ? status_json(model, connections) : status_text(model, connections));
    status = Exit::Done;
  });
}

void add_routes(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("routes", "Effective routes of a virtual machine");
  const auto arguments = std::make_shared<RoutesArguments>();
  add_lab_option(*command, arguments->lab);
  command->add_option("node", arguments->node, "A virtual machine")->required();
  command->add_flag("--json", arguments->as_json, "Azure's JSON");
  command->callback([=, &status] {
    require_root(*command);
    status = run_routes(*arguments);
  });
}

}  // namespace emu::cli
