// SPDX-License-Identifier: Apache-2.0
// emu/cli/down.cpp — `lazuli down [LAB]` and `lazuli list`.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "emu/cli/command.hpp"
#include "emu/lab/lab.hpp"
#include "emu/lab/store.hpp"
#include "emu/model/wording.hpp"
#include "emu/report/table.hpp"

namespace emu::cli {
namespace {

std::string lab_to_remove(const std::string& named) {
  if (!named.empty()) return named;
  const auto labs = list_labs();
  if (labs.empty()) throw UsageError("no lab is running");
  if (labs.size() > 1) throw UsageError(fmt::format("several labs are running: name one of {}", fmt::join(labs, ", ")));
  return labs.front();
}

Exit run_down(const std::string& named) {
  const auto start = std::chrono::steady_clock::now();
  const auto lab = lab_to_remove(named);
  if (!is_lab_name(lab) || !down(lab)) throw UsageError(fmt::format("no lab {} is running", emu::in_quotes(lab)));
  fmt::print("  {}  removed in {:.2f} s\n", lab, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return Exit::Done;
}

Exit run_list(bool as_json) {
  auto json = nlohmann::json::array();
  Table table;
  table.add({"LAB", "VNETS", "VMS", "STATE"});
  for (const auto& lab : list_labs()) {
    const auto model = load_model(lab);
    const auto networks = model ? model->virtual_networks.size() : 0;
    const auto machines = model ? model->virtual_machines.size() : 0;
    table.add({lab, std::to_string(networks), std::to_string(machines), model ? "up" : "incomplete: lazuli down removes it"});
    json.push_back({{"lab", lab}, {"virtualNetworks", networks}, {"virtualMachines", machines}, {"complete", model.has_value()}});
  }
  if (as_json) {
    fmt::print("{}\n", json.dump(2));
  } else if (json.empty()) {
    fmt::print("no lab is running\n");
  } else {
    fmt::print("{}", table.text());
  }
  return Exit::Done;
}

}  // namespace

void add_down(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("down", "Remove a lab, all of it");
  const auto lab = std::make_shared<std::string>();
  command->add_option("lab", *lab, "Not needed when one lab runs");
  command->callback([=, &status] {
    require_root(*command);
    status = run_down(*lab);
  });
}

void add_list(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("list", "Labs on this machine");
  const auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "As JSON");
  command->callback([=, &status] {
    require_root(*command);
    status = run_list(*as_json);
  });
}

}  // namespace emu::cli
