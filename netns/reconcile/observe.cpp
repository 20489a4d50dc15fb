// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <thread>

#include "netns/base/error.hpp"
#include "netns/base/parallel.hpp"
#include "netns/base/sysctl.hpp"
#include "netns/namespace/namespace.hpp"
#include "netns/netlink/dumps.hpp"
#include "netns/netlink/ruleset.hpp"
#include "netns/reconcile/inherited.hpp"
#include "netns/reconcile/reconcile.hpp"
#include "netns/state/switches.hpp"

namespace netns {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeToSettle = 2s;
constexpr auto kLookAgain = 10ms;
constexpr std::size_t kMostLines = 8;

void observe_sysctls(const std::string& name, const Namespace& desired, ObservedNamespace& found) {
  found.sysctls.clear();
  for (const auto& [path, value] : watched_switches(desired)) {
    if (auto current = read_sysctl(path, name)) {
      found.sysctls.emplace(path, std::move(*current));
    } else if (is_optional_sysctl(path)) {
      found.sysctls.emplace(path, value);
    }
  }
}

void observe_all_but_links(Socket& socket, const std::string& name, const Namespace& desired, ObservedNamespace& found) {
  const bool exclusive = desired.custody == Custody::Exclusive;
  for (auto& [link, observed] : found.links) observed.also_off.clear();
  dump_addresses(socket, found.links);
  if (desired.custody != Custody::SelfConfigured) dump_ingress(socket, found.links);
  if (exclusive || !neighbour_settings_are_inherited_well()) dump_neighbour_settings(socket, found.links);
  found.bridge_entries = dump_bridge_entries(socket, found.links);
  auto routes = dump_routes(socket, found.links);
  found.routes = std::move(routes.ours);
  found.kernel_routes = std::move(routes.kernels);
  found.foreign_routes = std::move(routes.foreign);
  found.neighbours =
      exclusive || !desired.neighbours.empty() ? dump_neighbours(socket, found.links) : read_neighbours(socket, found.links, found.routes);
  auto rules = dump_rules(socket);
  found.rules = std::move(rules.ours);
  found.kernel_rules = std::move(rules.kernels);
  found.foreign_rules = std::move(rules.foreign);
  if (desired.ruleset) found.ruleset = observe_ruleset(name);
  observe_sysctls(name, desired, found);
}

bool is_mounted(const std::string& name) {
  try {
    open_namespace(name);
    return true;
  } catch (const KernelError& error) {
    if (error.code() == std::errc::no_such_file_or_directory) return false;
    throw;
  }
}

/// Whether there is a file of that name, which stands for nothing.
bool is_leftover(const std::string& name) { return std::filesystem::is_regular_file(namespace_path(name)) && !is_mounted(name); }

/// Runs on a thread of its own: it stays in the namespace. Empty when that is not the one recorded.
std::optional<ObservedNamespace> observe_namespace(const std::string& name, const NamespaceIdentity& record, const Namespace& desired) {
  if (!enter_recorded_namespace(name, record)) return std::nullopt;
  Socket socket{NETLINK_ROUTE, name};
  ObservedNamespace found;
  found.links = dump_links(socket);
  observe_all_but_links(socket, name, desired, found);
  return found;
}

void read_touched_links(Socket& socket, const NamespaceChange& change, std::map<std::string, ObservedLink>& links) {
  for (const auto& link : change.delete_links) links.erase(link);
  std::vector<std::string> touched;
  for (const auto& link : change.set_links) touched.push_back(link.link);
  for (const auto& [link, address] : change.add_addresses) touched.push_back(link);
  for (const auto& [link, address] : change.delete_addresses) touched.push_back(link);
  for (auto& [link, observed] : read_links(socket, touched)) links.insert_or_assign(link, std::move(observed));
}

/// Reads again what `change` touched; likewise on a thread of its own.
/// @param every_link  also those that it did not touch itself
void observe_change(const std::string& name, const Namespace& desired, const NamespaceChange& change, bool every_link,
                    ObservedNamespace& found) {
  enter_namespace(name);
  Socket socket{NETLINK_ROUTE, name};
  if (every_link)
    found.links = dump_links(socket);
  else
    read_touched_links(socket, change, found.links);
  observe_all_but_links(socket, name, desired, found);
}

/// Whether the files that a process was given are there as they were written.
bool has_its_files(const Process& process) {
  return std::ranges::all_of(process.folder.files, [&](const auto& file) {
    std::ifstream there{std::filesystem::path(process.folder.path) / file.first, std::ios::binary};
    return there && std::string{std::istreambuf_iterator<char>{there}, {}} == file.second;
  });
}

void add_processes(Observed& observed, const State& desired, Digests processes) {
  for (auto& [name, found] : observed.namespaces) {
    found.processes = std::move(processes[name]);
    const auto wanted = desired.namespaces.find(name);
    if (wanted == desired.namespaces.end()) continue;
    for (auto& [process, digest] : found.processes) {
      const auto as = wanted->second.processes.find(process);
      if (as == wanted->second.processes.end() || digest != digest_of(as->second) || has_its_files(as->second)) continue;
      digest = without_files(digest);
    }
  }
}

/// Some of the steps of a plan, and how many more there are.
std::vector<std::string> first_lines(const Plan& plan) {
  auto lines = step_lines(plan);
  if (lines.size() <= kMostLines) return lines;
  const auto more = lines.size() - kMostLines;
  lines.resize(kMostLines);
  lines.push_back(fmt::format("and {} more", more));
  return lines;
}

}  // namespace

Observed observe(std::string_view prefix, const State& desired, const Records& records) {
  neighbour_settings_are_inherited_well();  // which is to be asked here
  const auto recorded = records.namespaces.read();
  auto names = list_namespaces(prefix);
  Observed observed;
  for (const auto& [name, identity] : recorded)
    if (!std::ranges::binary_search(names, name)) observed.lost.push_back(name);
  std::erase_if(names, [&](const std::string& name) {
    if (recorded.contains(name)) return false;
    observed.strangers.push_back(name);
    return true;
  });
  // The largest first: one with a thousand links takes as long as hundreds of others, and is not to be what all wait for.
  const auto links_wanted = [&](const std::string& name) {
    const auto wanted = desired.namespaces.find(name);
    return wanted == desired.namespaces.end() ? 0 : wanted->second.links.size();
  };
  std::ranges::stable_sort(names, std::greater{}, links_wanted);
  std::vector<std::optional<ObservedNamespace>> found(names.size());
  std::vector<char> broken(names.size());
  parallel_for(names.size(), [&](std::size_t i) {
    const auto wanted = desired.namespaces.find(names[i]);
    try {
      found[i] = observe_namespace(names[i], recorded.at(names[i]), wanted == desired.namespaces.end() ? Namespace{} : wanted->second);
    } catch (const KernelError& error) {
      if (error.code() != std::errc::no_such_file_or_directory || is_mounted(names[i])) throw;
      broken[i] = 1;
    }
  });
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (found[i]) {
      observed.namespaces.emplace(names[i], std::move(*found[i]));
    } else if (broken[i] != 0) {
      observed.broken.push_back(names[i]);
    } else {
      observed.lost.push_back(names[i]);
      observed.strangers.push_back(names[i]);
    }
  }
  add_processes(observed, desired, records.processes.running());
  return observed;
}

Plan removal(const Records& records) {
  const auto recorded = records.namespaces.read();
  std::vector<const std::pair<const std::string, NamespaceIdentity>*> all;
  for (const auto& record : recorded) all.push_back(&record);
  std::vector<char> is_there(all.size());
  parallel_for(all.size(), [&](std::size_t i) {
    const auto& [name, identity] = *all[i];
    try {
      is_there[i] = enter_recorded_namespace(name, identity) ? 1 : 0;
    } catch (const KernelError& error) {
      if (error.code() != std::errc::no_such_file_or_directory) throw;
      is_there[i] = is_leftover(name) ? 1 : 0;
    }
  });
  Plan plan;
  for (std::size_t i = 0; i < all.size(); ++i) (is_there[i] != 0 ? plan.remove : plan.bury).push_back(all[i]->first);
  return plan;
}

void verify(const Plan& plan, const State& desired, Observed before, const Records& records) {
  for (const auto& name : plan.remove) before.namespaces.erase(name);
  before.broken.clear();
  before.lost.clear();
  std::vector<std::string> left;
  for (const auto& [name, change] : plan.change) {
    left.push_back(name);
    before.namespaces.try_emplace(name);
  }
  const auto limit = std::chrono::steady_clock::now() + kTimeToSettle;
  bool looked_before = false;
  while (!left.empty()) {
    parallel_for(left.size(), [&](std::size_t i) {
      const auto& name = left[i];
      const auto& change = plan.change.at(name);
      // Forwarding in a namespace is switched for every link.
      const bool every_link = looked_before || (!change.create && change.sysctls.contains("ipv4/ip_forward"));
      observe_change(name, desired.namespaces.at(name), change, every_link, before.namespaces.at(name));
    });
    looked_before = true;
    add_processes(before, desired, records.processes.started());  // that one failed afterwards is no fault of the kernel's
    const auto still_to_do = diff(desired, before, left);
    left.clear();
    for (const auto& [name, change] : still_to_do.change) left.push_back(name);
    if (left.empty()) return;
    if (std::chrono::steady_clock::now() > limit)
      throw std::runtime_error(
          fmt::format("the kernel does not hold what was set: still to do:\n  {}", fmt::join(first_lines(still_to_do), "\n  ")));
    std::this_thread::sleep_for(kLookAgain);
  }
}

}  // namespace netns
