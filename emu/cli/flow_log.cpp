// SPDX-License-Identifier: Apache-2.0
// emu/cli/flow_log.cpp — `lazuli flow-log [NAME]`: what was recorded of a lab's traffic.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "emu/cli/command.hpp"
#include "emu/flowlog/record_files.hpp"
#include "emu/lab/store.hpp"
#include "emu/model/wording.hpp"
#include "emu/report/flow_log_report.hpp"

namespace emu::cli {
namespace {

struct FlowLogArguments {
  std::string lab;
  std::string name;
  bool as_json = false;
};

std::vector<std::string> names_of(const Model& model) {
  std::vector<std::string> names;
  for (const auto& log : model.flow_logs) names.push_back(log.name);
  return names;
}

/// The flow logs that are meant: the one of that name, or all.
std::vector<std::string> wanted(const Model& model, const std::string& name) {
  auto names = names_of(model);
  if (names.empty()) throw UsageError(fmt::format("lab {} has no flow log", emu::quoted(model.lab)));
  if (name.empty()) return names;
  const auto* log = find_flow_log(model, name);
  if (log == nullptr) throw UsageError(fmt::format("there is no flow log {}; there is {}", emu::quoted(name), fmt::join(names, ", ")));
  return {log->name};
}

Exit run_flow_log(const FlowLogArguments& arguments) {
  const auto model = running_lab(arguments.lab);
  const auto folder = flow_logs_folder(lab_folder(model.lab));
  std::vector<std::string> records;
  for (const auto& name : wanted(model, arguments.name)) {
    auto its = read_records(folder, name);
    records.insert(records.end(), std::make_move_iterator(its.begin()), std::make_move_iterator(its.end()));
  }
  fmt::print("{}", arguments.as_json ? flow_log_json(records) : flow_log_table(model, records));
  return Exit::Done;
}

}  // namespace

void add_flow_log(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("flow-log", "The flows that were recorded, with the rule that allowed or denied each");
  const auto arguments = std::make_shared<FlowLogArguments>();
  add_lab_option(*command, arguments->lab);
  command->add_option("name", arguments->name, "A flow log; all of the lab's when none is named");
  command->add_flag("--json", arguments->as_json, "Azure's records");
  command->callback([=, &status] {
    require_root(*command);
    status = run_flow_log(*arguments);
  });
}

}  // namespace emu::cli
