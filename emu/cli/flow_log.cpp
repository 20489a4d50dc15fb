// SPDX-License-Identifier: Apache-2.0
// emu/cli/flow_log.cpp — `lazuli flow-log [NAME]`: what was recorded of a lab's traffic.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <memory>
#include <thread>

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
  bool follow = false;
};

constexpr std::chrono::milliseconds kInterval{200};

std::vector<std::string> names_of(const Model& model) {
  std::vector<std::string> names;
  for (const auto& log : model.flow_logs) names.push_back(log.name);
  return names;
}

/// The flow logs that are meant: the one of that name, or all.
std::vector<std::string> wanted(const Model& model, const std::string& name) {
  auto names = names_of(model);
  if (names.empty()) throw UsageError(fmt::format("lab {} has no flow log", emu::in_quotes(model.lab)));
  if (name.empty()) return names;
  const auto* log = find_flow_log(model, name);
  if (log == nullptr) throw UsageError(fmt::format("there is no flow log {}; there is {}", emu::in_quotes(name), fmt::join(names, ", ")));
  return {log->name};
}

std::vector<std::string> read_all(std::vector<RecordReader>& readers) {
  std::vector<std::string> records;
  for (auto& reader : readers) {
    auto its = reader.read();
    records.insert(records.end(), std::make_move_iterator(its.begin()), std::make_move_iterator(its.end()));
  }
  return records;
}

/// Until the lab is gone.
void follow(const Model& model, std::vector<RecordReader>& readers, bool as_json) {
  FlowLogTable table(model);
  while (true) {
    const bool last = !std::filesystem::exists(lab_folder(model.lab));
    const auto records = read_all(readers);
    if (as_json) {
      for (const auto& record : records) fmt::print("{}\n", record);
    } else {
      fmt::print("{}", table.rows(records));
    }
    flush_output();
    if (last) return;
    std::this_thread::sleep_for(kInterval);
  }
}

Exit run_flow_log(const FlowLogArguments& arguments) {
  const auto model = Naming{arguments.lab}.running();
  const auto folder = places_of(model.lab).flow_logs();
  std::vector<RecordReader> readers;
  for (const auto& name : wanted(model, arguments.name)) readers.emplace_back(folder, name);
  if (arguments.follow) {
    follow(model, readers, arguments.as_json);
  } else {
    const auto records = read_all(readers);
    fmt::print("{}", arguments.as_json ? flow_log_json(records) : FlowLogTable(model).rows(records));
  }
  return Exit::Done;
}

}  // namespace

void add_flow_log(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("flow-log", "The flows that were recorded, with the rule that allowed or denied each");
  const auto arguments = std::make_shared<FlowLogArguments>();
  add_lab_option(*command, arguments->lab);
  command->add_option("name", arguments->name, "A flow log; all of the lab's when none is named");
  command->add_flag("--json", arguments->as_json, "Azure's records");
  command->add_flag("-f,--follow", arguments->follow, "And those to come, until Ctrl-C or the lab's end; with --json a record a line");
  add_examples(*command, {"flow-log", "flow-log --follow"});
  command->callback([=, &status] {
    require_root(*command);
    status = run_flow_log(*arguments);
  });
}

}  // namespace emu::cli
