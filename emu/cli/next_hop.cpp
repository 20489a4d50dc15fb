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
  NodeWords words;
  std::string destination;
  bool as_json = false;
};

Exit run_next_hop(const NextHopArguments& arguments) {
  Naming naming{arguments.words.lab};
  const auto node = naming.node(arguments.words.node);
  const auto target = naming.node(arguments.destination);
  const auto model = naming.running();
  const auto& machine = require_machine(model, node);
  const auto destination = address_of(model, target);
  if (!destination) throw UsageError(fmt::format("{} is neither an address nor a node that has one", emu::in_quotes(target)));
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
  add_node_words(*command, arguments->words, "A virtual machine");
  command->add_option("address", arguments->destination, "Where the packet is for: an address, a node, or node.public")->required();
  command->add_flag("--json", arguments->as_json, "Azure's JSON");
  add_examples(*command, {"next-hop vm1 vm2", "next-hop vm1 8.8.8.8"});
  command->callback([=, &status] {
    require_root(*command);
    status = run_next_hop(*arguments);
  });
}

}  // namespace emu::cli
