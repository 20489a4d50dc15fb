// SPDX-License-Identifier: Apache-2.0
// emu/cli/status.cpp — `lazuli status [LAB]` and `lazuli routes NODE`.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "emu/cli/command.hpp"
#include "emu/lab/programs.hpp"
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

std::string with_failures(const std::string& status, const std::vector<ProgramFailure>& failures) {
  auto json = nlohmann::ordered_json::parse(status);
  auto& programs = json["failedPrograms"] = nlohmann::ordered_json::array();
  for (const auto& failure : failures)
    programs.push_back({{"node", failure.node},
                        {"program", failure.program},
                        {"command", failure.command},
                        {"end", failure.end},
                        {"lastLines", failure.last_lines}});
  return json.dump(2) + '\n';
}

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
    const auto failures = failed_programs(model);
    fmt::print("{}", *as_json ? with_failures(status_json(model, connections), failures) : status_text(model, connections));
    for (const auto& failure : failures)
      if (!*as_json) fmt::print("{}", describe(failure));
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
