// SPDX-License-Identifier: Apache-2.0
// emu/cli/down.cpp — `lazuli down [LAB|FILE]` and `lazuli list`.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "emu/cli/command.hpp"
#include "emu/lab/lab.hpp"
#include "emu/lab/lab_state.hpp"
#include "emu/lab/store.hpp"
#include "emu/model/wording.hpp"
#include "emu/report/table.hpp"

namespace emu::cli {
namespace {

struct DownArguments {
  LabWords words;
  bool all = false;
  double timeout = kPatienceWithOthers;
};

/// Without a word it is the lab of ./lab.yaml, or else the only one that runs; empty when none does.
std::string lab_to_remove(const DownArguments& arguments) {
  const auto naming = naming_of(arguments.words);
  if (auto named = naming.named(); !named.empty()) {
    if (!is_lab_name(named)) throw UsageError(fmt::format("{} can be no lab's name, and there is no such file", in_quotes(named)));
    return named;
  }
  if (has_own_file()) return lab_of_file({});
  const auto labs = list_labs();
  if (labs.size() > 1) throw UsageError(fmt::format("several labs are running: name one of {}, or --all", fmt::join(labs, ", ")));
  return labs.empty() ? std::string{} : labs.front();
}

void remove_and_tell(const std::string& lab, double timeout) {
  const auto start = std::chrono::steady_clock::now();
  if (down(lab, patience_of(lab, timeout)))
    fmt::print("  {}  removed in {:.2f} s\n", lab, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  else
    fmt::print("  {}  is not running: nothing to remove\n", lab);
}

Exit run_down(const DownArguments& arguments) {
  if (arguments.all) {
    const auto labs = list_labs();
    auto exit = Exit::Done;
    for (const auto& lab : labs) {
      try {
        remove_and_tell(lab, arguments.timeout);
      } catch (const std::exception& error) {
        fmt::print(stderr, "error: {}\n", error.what());
        exit = Exit::Failed;
      }
    }
    if (labs.empty()) fmt::print("  no lab is running: nothing to remove\n");
    return exit;
  }
  const auto lab = lab_to_remove(arguments);
  if (lab.empty())
    fmt::print("  no lab is running: nothing to remove\n");
  else
    remove_and_tell(lab, arguments.timeout);
  return Exit::Done;
}

/// A damaged or half-built lab has none.
std::optional<Model> readable_model(const std::string& lab) try { return load_model(lab); } catch (const DamagedLab&) {
  return std::nullopt;
}

Exit run_list(bool as_json) {
  auto json = nlohmann::ordered_json::array();
  Table table;
  table.add({"LAB", "VNETS", "VMS", "STATE", "FROM", "BY"});
  for (const auto& lab : list_labs()) {
    const auto model = readable_model(lab);
    const auto state = model ? glance_at(*model) : glance_at(lab);
    const auto record = load_record(lab);
    const auto networks = model ? model->virtual_networks.size() : 0;
    const auto machines = model ? model->virtual_machines.size() : 0;
    const auto source = record ? source_text(record->origin) : std::string{};
    const auto user = record ? record->origin.user : std::string{};
    table.add({lab, std::to_string(networks), std::to_string(machines), state_text(state), source, user});
    json.push_back({{"lab", lab},
                    {"virtualNetworks", networks},
                    {"virtualMachines", machines},
                    {"complete", state.condition != LabCondition::Incomplete && state.condition != LabCondition::Damaged},
                    {"state", to_string(state.condition)},
                    {"amiss", state.amiss},
                    {"file", source},
                    {"user", user}});
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
  auto* command = app.add_subcommand("down", "Remove a lab, all of it; one that is not there is done already");
  const auto arguments = std::make_shared<DownArguments>();
  auto* lab = command
                  ->add_option("lab", arguments->words.argument,
                               "A running lab, or its file; without it the lab of ./lab.yaml, or the only one that runs")
                  ->check(is_not_empty());
  add_lab_option(*command, arguments->words.option);
  command->add_flag("--all", arguments->all, "Every lab on this machine")->excludes(lab)->excludes("--lab");
  add_timeout(*command, arguments->timeout);
  add_examples(*command, {"down two-vnets", "down --all"});
  command->callback([=, &status] {
    require_root(*command);
    status = run_down(*arguments);
  });
}

void add_list(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("list", "Labs on this machine: how they are, whose, and from which file");
  const auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "As JSON");
  add_examples(*command, {"list"});
  command->callback([=, &status] {
    require_root(*command);
    status = run_list(*as_json);
  });
}

}  // namespace emu::cli
