// SPDX-License-Identifier: Apache-2.0
#include "emu/lab/programs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <thread>

#include "emu/fabric/names.hpp"
#include "emu/fabric/programs.hpp"
#include "emu/lab/store.hpp"
#include "emu/model/gateway_lookup.hpp"
#include "emu/model/service_lookup.hpp"
#include "emu/model/wording.hpp"
#include "netns/process/listeners.hpp"

namespace emu {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kMoment{500};
constexpr milliseconds kLookAgainAt{20};
constexpr std::size_t kLastLines = 5;
constexpr std::uint16_t kStoragePort = 80;

/// Calls `visit(node, web, programs, path)` for every machine and host.
template <typename Visit>
void for_each_program_host(const Model& model, Visit visit) {
  for (std::size_t i = 0; i < model.virtual_machines.size(); ++i) {
    const auto& machine = model.virtual_machines[i];
    visit(machine.name, machine.web, machine.programs, fmt::format("virtual_machines[{}]", i));
  }
  for (std::size_t i = 0; i < model.internet.hosts.size(); ++i) {
    const auto& host = model.internet.hosts[i];
    visit(host.name, host.web, host.programs, fmt::format("internet.hosts[{}]", i));
  }
  for (std::size_t i = 0; i < model.on_premises.size(); ++i) {
    for (std::size_t j = 0; j < model.on_premises[i].hosts.size(); ++j) {
      const auto& host = model.on_premises[i].hosts[j];
      visit(host.name, host.web, host.programs, fmt::format("on_premises[{}].hosts[{}]", i, j));
    }
  }
}

std::string command_of(const Model& model, const std::string& node, const std::string& program) {
  std::string found;
  for_each_program_host(model, [&](const std::string& name, const auto&, const Programs& programs, const std::string&) {
    if (name != node) return;
    for (std::size_t i = 0; i < programs.setup.size(); ++i)
      if (program == setup_process(i)) found = programs.setup[i];
    for (std::size_t i = 0; i < programs.run.size(); ++i)
      if (program == run_process(i)) found = programs.run[i];
  });
  if (node == kServicesNode) {
    if (const auto* service = find_service(model, program)) found = service->command;
  }
  return found;
}

milliseconds now() { return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()); }

/// Why a port is not served; empty when it is.
std::string why_not_served(const std::string& lab, const ServedPort& wanted) {
  bool loopback = false;
  for (const auto& listener : netns::listeners_in(namespace_name(lab, wanted.node))) {
    if (wanted.port != 0 && listener.port != wanted.port) continue;
    if (wanted.address ? listener.address == *wanted.address || (wanted.port != 0 && listener.address.value == 0)
                       : !listener.on_loopback_only())
      return {};
    loopback = loopback || (listener.on_loopback_only() && wanted.port != 0);
  }
  const auto what = wanted.port == 0 ? std::string("any port") : fmt::format("port {}", wanted.port);
  if (loopback) return fmt::format("{} listens on {} of 127.0.0.1 alone, which nobody else reaches", wanted.name, what);
  if (wanted.address) return fmt::format("{} does not listen on {} of {}", wanted.name, what, to_string(*wanted.address));
  return fmt::format("{} does not listen on {}", wanted.name, what);
}

}  // namespace

std::string describe(const ProgramFailure& failure) {
  const auto what = failure.command.empty() ? failure.program : fmt::format("{} `{}`", failure.program, failure.command);
  auto text = fmt::format("{}: {} ended with {}\n", failure.node, what, failure.end);
  for (const auto& line : failure.last_lines) text += fmt::format("    {}\n", printable(line));
  return text;
}

ProgramFailure failure_of(const Model& model, const netns::EndedProcess& process) {
  const auto node = process.name_space.substr(namespace_name(model.lab, "").size());
  return {node, process.name, command_of(model, node, process.name),
          process.status ? netns::describe_end(*process.status) : "its supervisor, which was killed",
          netns::last_lines(records_of(model.lab).processes.record_of(process.name_space, process.name), kLastLines)};
}

std::vector<ProgramFailure> failed_programs(const Model& model) {
  std::vector<ProgramFailure> failures;
  for (const auto& process : records_of(model.lab).processes.failures()) failures.push_back(failure_of(model, process));
  return failures;
}

Diagnostics check_users(const LabFile& file) {
  Diagnostics found;
  for_each_program_host(file.model, [&](const std::string& node, const auto&, const Programs& programs, const std::string& path) {
    if (netns::find_account(programs.user)) return;
    found.push_back({Severity::Error,
                     file.positions.find(path + ".user"),
                     fmt::format("{} cannot run as {}: this machine has no user of that name", in_quotes(node), in_quotes(programs.user)),
                     {},
                     "a user is named as in /etc/passwd, or by number"});
  });
  return found;
}

std::vector<ServedPort> served_ports(const Model& model) {
  std::vector<ServedPort> ports;
  for_each_program_host(model, [&](const std::string& node, const auto& web, const Programs& programs, const std::string&) {
    std::set<std::uint16_t> all(programs.listens.begin(), programs.listens.end());
    if (web) all.insert(*web);
    for (const auto port : all) ports.push_back({node, node, port, {}});
  });
  for (const auto* service : services_of(model)) {
    if (service->command.empty()) continue;
    const std::uint16_t port = service->type == kStorage ? kStoragePort : 0;
    ports.push_back({std::string(kServicesNode), service->name, port, service->address});
  }
  return ports;
}

std::vector<std::string> wait_for_ports(const Model& model, std::vector<ServedPort> ports, milliseconds limit,
                                        const std::function<void(const std::string&)>& progress, Hopeless hopeless) {
  const auto records = records_of(model.lab).processes;
  const auto end = std::chrono::steady_clock::now() + limit;
  std::vector<std::string> unserved;
  while (true) {
    const bool last = std::chrono::steady_clock::now() >= end;
    const bool looks = hopeless == Hopeless::IsGivenUp && !last && !ports.empty();
    const auto inhabited = looks ? records.inhabited() : std::set<std::string>{};
    std::string waits_for;
    std::erase_if(ports, [&](const ServedPort& port) {
      auto why = why_not_served(model.lab, port);
      if (why.empty()) return true;
      waits_for = port.port == 0 ? port.name : fmt::format("{}:{}", port.name, port.port);
      if (last) why += fmt::format(" after {:.0f} s", std::chrono::duration<double>(limit).count());
      const bool given_up = last || (looks && !inhabited.contains(namespace_name(model.lab, port.node)));
      if (given_up) unserved.push_back(std::move(why));
      return given_up;
    });
    if (ports.empty()) return unserved;
    if (progress) progress("waiting until something listens at " + waits_for);
    std::this_thread::sleep_for(kLookAgainAt);
  }
}

void wait_a_moment(const Model& model) {
  const auto records = records_of(model.lab).processes;
  while (true) {
    std::int64_t youngest = 0;
    for (const auto& [name_space, programs] : records.living_since())
      for (const auto& [program, since] : programs)
        if (!command_of(model, name_space.substr(namespace_name(model.lab, "").size()), program).empty())
          youngest = std::max(youngest, since);
    const auto age = now() - milliseconds{youngest};
    if (age >= kMoment || age < milliseconds{0}) return;  // a clock that was set back is no reason to wait
    std::this_thread::sleep_for(kLookAgainAt);
  }
}

}  // namespace emu
