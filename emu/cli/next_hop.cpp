// SPDX-License-Identifier: Apache-2.0
// emu/cli/next_hop.cpp — `lazuli next-hop NODE ADDRESS`: which way a machine's packet goes, and which route says so.
#include <fmt/format.h>

#include <memory>

#include "emu/cli/command.hpp"
#include "emu/model/wording.hpp"
#include "emu/report/next_hop_report.hpp"
#include "emu/semantics/next_hop.hpp"
#include "emu/semantics/peering_state.hpp"

namespace emu::cli {
namespace {

struct NextHopArguments {
  std::string lab;
  std::string node;
  std::string destination;
  bool as_json = false;
};

Exit run_next_hop(const NextHopArguments& arguments) {
  const auto model = running_lab(arguments.lab);
  const auto& machine = require_machine(model, arguments.node);
  const auto destination = address_of(model, arguments.destination);
  if (!destination)
    throw UsageError(fmt::format("{} is neither an address nor a node that has one", emu::in_quotes(arguments.destination)));
  const auto routes = effective_routes(model, machine);
  const auto* route = route_to(routes, *destination);
  const auto peering = idle_peering_to(idle_peerings(model, *find_virtual_network(model, machine.subnet.virtual_network)), *destination);
  fmt::print("{}", arguments.as_json ? next_hop_json(model, route) : next_hop_text(route, peering));
  return Exit::Done;
}

}  // namespace

void add_next_hop(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("next-hop", "Which way a machine's packet goes first, and which route says so");
  const auto arguments = std::make_shared<NextHopArguments>();
  add_lab_option(*command, arguments->lab);
  command->add_option("node", arguments->node, "A virtual machine")->required();
  command->add_option("address", arguments->destination, "Where the packet is for: an address, a node, or node.public")->required();
  command->add_flag("--json", arguments->as_json, "Azure's JSON");
  command->callback([=, &status] {
    require_root(*command);
    status = run_next_hop(*arguments);
  });
}

}  // namespace emu::cli
