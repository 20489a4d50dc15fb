// SPDX-License-Identifier: Apache-2.0
#include "netns/process/ending.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <set>
#include <thread>

#include "netns/namespace/namespace.hpp"

namespace netns {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 1s;             // between SIGTERM and SIGKILL
constexpr auto kSupervisorsPatience = 3s;  // a supervisor has that patience itself
constexpr auto kInterval = 2ms;

bool knows_itself_in(pid_t pid, const std::function<bool(const std::string&, const std::string&)>& wanted) {
  constexpr std::string_view kLab = "LAZULI_LAB=";
  constexpr std::string_view kNode = "LAZULI_NODE=";
  std::string lab;
  std::optional<std::string> node;
  for (const auto& variable : environment_of(pid)) {
    if (variable.starts_with(kLab)) lab = variable.substr(kLab.size());
    if (variable.starts_with(kNode)) node = variable.substr(kNode.size());
  }
  return node && wanted(lab, *node);
}

void stop_those_marked(const std::function<bool(const std::string&, const std::string&)>& wanted) {
  const auto home = network_of(::getpid());
  end_those([&] {
    return processes_that([&](pid_t pid) {
      const auto network = network_of(pid);
      return network != 0 && network != home && knows_itself_in(pid, wanted);
    });
  });
}

}  // namespace

bool wait_until(std::chrono::milliseconds limit, const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(kInterval);
  }
  return true;
}

void end_those(const std::function<std::vector<ProcessId>()>& find) {
  for (const int signal : {SIGTERM, SIGKILL}) {
    std::set<ProcessId> told;
    const bool none_left = wait_until(kPatience, [&] {
      const auto left = find();
      for (const auto& process : left)
        if (told.insert(process).second) send_signal(process, signal);
      return left.empty();
    });
    if (none_left) return;
  }
}

ino_t network_named(const std::string& name) {
  struct stat status {};
  return ::stat(namespace_path(name).c_str(), &status) == 0 ? status.st_ino : 0;
}

std::vector<ProcessId> processes_that(const std::function<bool(pid_t)>& wanted) {
  std::vector<ProcessId> found;
  for (const auto pid : list_processes()) {
    if (pid == ::getpid() || !wanted(pid)) continue;
    if (auto process = find_process(pid)) found.push_back(std::move(*process));
  }
  return found;
}

void end_with_descendants(const Record& record) {
  if (is_alive(record.supervisor)) {
    send_signal(record.supervisor, SIGTERM);
    if (wait_until(kSupervisorsPatience, [&] { return !is_alive(record.supervisor); })) return;
    end_those([&] {
      const auto below = descendants_of(record.supervisor.pid);
      return std::vector<ProcessId>(below.begin(), below.end());
    });
    send_signal(record.supervisor, SIGKILL);
    wait_until(kPatience, [&] { return !is_alive(record.supervisor); });
    return;
  }
  if (!is_alive(record.program)) return;
  auto all = descendants_of(record.program.pid);
  all.insert(record.program);
  end_those([&] {
    std::erase_if(all, [](const ProcessId& process) { return !is_alive(process); });
    return std::vector<ProcessId>(all.begin(), all.end());
  });
}

void stop_all_in(const std::vector<std::string>& names) {
  std::set<ino_t> namespaces;
  for (const auto& name : names)
    if (const auto identity = network_named(name); identity != 0) namespaces.insert(identity);
  if (namespaces.empty()) return;
  end_those([&] { return processes_that([&](pid_t pid) { return namespaces.contains(network_of(pid)); }); });
}

void stop_all_marked(const std::vector<std::string>& names) {
  const std::set<std::string> wanted(names.begin(), names.end());
  stop_those_marked([&](const std::string& lab, const std::string& node) { return wanted.contains(lab + '.' + node); });
}

void stop_all_marked(std::string_view lab) {
  stop_those_marked([&](const std::string& of, const std::string& /*node*/) { return of == lab; });
}

}  // namespace netns
