// SPDX-License-Identifier: Apache-2.0
// emu/cli/status.cpp — `lazuli status [LAB]` and `lazuli routes NODE`.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "emu/cli/command.hpp"
#include "emu/lab/lab.hpp"
#include "emu/lab/lab_record.hpp"
#include "emu/lab/lab_state.hpp"
#include "emu/lab/programs.hpp"
#include "emu/lab/tunnels.hpp"
#include "emu/report/routes_report.hpp"
#include "emu/report/status_report.hpp"
#include "emu/report/terminal.hpp"
#include "emu/semantics/next_hop.hpp"
#include "emu/semantics/peering_state.hpp"

namespace emu::cli {
namespace {

struct RoutesArguments {
  NodeWords words;
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
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

/// Nodes of a lab of which everything that `up` sets is read and compared without being asked for: beyond, it takes a noticeable time.
constexpr std::size_t kMostCompared = 250;

struct StatusArguments {
  LabWords words;
  bool deep = false;
  bool as_json = false;
};

StatusHead head_of(const Model& model, const LabState& state) {
  const auto record = load_record(model.lab).value_or(LabRecord{});
  return {std::string(to_string(state.condition)), state.amiss, way_out(model.lab, state), source_text(record.origin), record.origin.user};
}

/// Nothing is known of connections whose ends are gone.
std::vector<ConnectionStatus> connections_of(const Model& model, const LabState& state) try {
  return connection_statuses(model);
} catch (const std::exception&) {
  if (state.condition == LabCondition::Up) throw;
  return {};
}

Exit run_status(const StatusArguments& arguments) {
  const auto model = naming_of(arguments.words).running();
  const bool compares = arguments.deep || nodes_of(model).size() <= kMostCompared;
  const auto state = compares ? look_at(model) : glance_at(model);
  const auto connections = connections_of(model, state);
  auto head = head_of(model, state);
  if (!compares && state.condition == LabCondition::Up)
    head.way_out = fmt::format("every node is there and no program failed; '{}' compares the rest",
                               command_text(fmt::format("status {} --deep", model.lab)));
  const auto failures = failed_programs(model);
  if (arguments.as_json) {
    fmt::print("{}", with_failures(status_json(model, connections, head), failures));
    return Exit::Done;
  }
  fmt::print("{}", status_text(model, connections, head));
  for (const auto& failure : failures) fmt::print("{}", describe(failure));
  return Exit::Done;
}

Exit run_routes(const RoutesArguments& arguments) {
  const auto [model, node] = running_node(arguments.words);
  const auto& machine = require_machine(model, node);
  const auto routes = effective_routes(model, machine);
  fmt::print("{}", arguments.as_json ? routes_json(routes) : routes_table(routes));
  if (!arguments.as_json) {
    for (const auto& peering : idle_peerings(model, *find_virtual_network(model, machine.subnet.virtual_network)))
      fmt::print("{}\n", wrapped(peering.words, 0, 2));
  }
  return Exit::Done;
}

}  // namespace

void add_status(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("status", "How a lab is: networks, peerings, VPN connections, services, machines, and what is amiss");
  const auto arguments = std::make_shared<StatusArguments>();
  add_lab_words(*command, arguments->words);
  command->add_flag("--json", arguments->as_json, "As JSON, with ARM's property names; of a VPN connection also what its ends agreed on");
  command->add_flag(
      "--deep", arguments->deep,
      fmt::format("Compare everything in the kernel with what it is to be, also in a lab of more than {} nodes", kMostCompared));
  add_examples(*command, {"status", "status two-vnets --json"});
  command->callback([=, &status] {
    require_root(*command);
    status = run_status(*arguments);
  });
}

void add_routes(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("routes", "Effective routes of a virtual machine");
  const auto arguments = std::make_shared<RoutesArguments>();
  add_node_words(*command, arguments->words, "A virtual machine");
  command->add_flag("--json", arguments->as_json, "Azure's JSON");
  add_examples(*command, {"routes vm1", "routes vm1 --json"});
  command->callback([=, &status] {
    require_root(*command);
    status = run_routes(*arguments);
  });
}

}  // namespace emu::cli
