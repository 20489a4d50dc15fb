// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/node_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <regex>

#include "emu/fabric/names.hpp"
#include "emu/fabric/programs.hpp"
#include "emu/lab/store.hpp"
#include "emu/model/gateway_lookup.hpp"
#include "emu/model/output_pattern.hpp"
#include "emu/model/wording.hpp"
#include "netns/base/scope_exit.hpp"
#include "netns/process/ending.hpp"
#include "netns/process/process.hpp"

namespace emu {
namespace {

constexpr std::size_t kLongestLine = 4096;  // a regular expression takes stack in proportion

const Programs* programs_of(const Model& model, std::string_view node) {
  if (const auto* machine = find_virtual_machine(model, node)) return &machine->programs;
  if (const auto* host = find_internet_host(model, node)) return &host->programs;
  const auto* host = find_on_premises_host(model, node);
  return host == nullptr ? nullptr : &host->programs;
}

std::vector<std::string> lines_in(const std::filesystem::path& record) {
  std::vector<std::string> lines;
  for (const auto& path : {netns::old_log_beside(record), netns::log_beside(record)}) {
    std::ifstream file{path, std::ios::binary};
    for (std::string line; std::getline(file, line);) {
      line.resize(start_of(line, kLongestLine).size());
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

}  // namespace

CommandResult run_in_node(const Model& model, std::string_view node, const std::string& command, std::size_t id,
                          std::chrono::milliseconds limit, const std::function<bool()>& stops) {
  const auto places = places_of(model.lab);
  auto process = shell_process(model, node, command, places);
  if (const auto* programs = programs_of(model, node)) {
    process.environment = programs->environment;
    process.user = programs->user;
  }
  // Beside the records of the lab's own programs, which `up` would end it with, and `status` tell of.
  const auto folder = lab_folder(model.lab) / "checks";
  const netns::ProcessRecords records{folder, places.supervisor()};
  const auto name_space = namespace_name(model.lab, node);
  const auto name = fmt::format("{}-{}", ::getpid(), id);
  const netns::ScopeExit ends{[&] {
    try {
      records.stop(name_space, name);
    } catch (const std::exception&) {  // the lab is gone, and took it along
    }
    std::error_code none;
    std::filesystem::remove(folder, none);  // only when it is empty
  }};
  records.start(name_space, name, process);
  CommandResult result;
  netns::wait_until(limit, [&] {
    const auto end = records.end_of(name_space, name);
    if (end) result.status = end->status;
    result.stopped = !end && stops();
    return end || result.stopped;
  });
  result.lines = lines_in(records.record_of(name_space, name));
  return result;
}

bool matches_a_line(const std::vector<std::string>& lines, const std::string& pattern) {
  const std::regex wanted{pattern, kOutputSyntax};
  return std::ranges::any_of(lines, [&](const std::string& line) { return std::regex_search(line, wanted); });
}

}  // namespace emu
