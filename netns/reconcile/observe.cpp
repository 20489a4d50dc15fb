// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <optional>

#include "netns/base/error.hpp"
#include "netns/base/parallel.hpp"
#include "netns/base/sysctl.hpp"
#include "netns/namespace/namespace.hpp"
#include "netns/netlink/dumps.hpp"
#include "netns/netlink/ruleset.hpp"
#include "netns/reconcile/reconcile.hpp"

namespace netns {
namespace {

void observe_sysctls(const std::map<std::string, std::string>& wanted, std::map<std::string, std::string>& found) {
  for (const auto& [path, value] : wanted) {
    if (auto current = read_sysctl(path)) {
      found.emplace(path, std::move(*current));
    } else if (is_optional_sysctl(path)) {
      found.emplace(path, value);
    }
  }
}

void observe_all_but_links(Socket& socket, const std::string& name, const Namespace& desired, ObservedNamespace& found) {
  found.neighbours = dump_neighbours(socket, found.links);
  found.routes = dump_routes(socket, found.links);
  // A rule leads to a table of its own: it comes after the table's routes and goes before them.
  const bool has_tables = std::ranges::any_of(found.routes, [](const Route& route) { return route.table != kMainTable; });
  found.rules = has_tables || !desired.rules.empty() ? dump_rules(socket) : std::set<Rule>{};
  if (desired.ruleset) found.ruleset = observe_ruleset(name);
  observe_sysctls(desired.sysctls, found.sysctls);
  for (const auto& [link, wanted] : desired.links) observe_sysctls(wanted.sysctls, found.sysctls);
}

/// Runs on a thread of its own: it stays in the namespace.
ObservedNamespace observe_namespace(const std::string& name, const Namespace& desired) {
  enter_namespace(name);
  Socket socket{NETLINK_ROUTE, name};
  ObservedNamespace found;
  found.links = dump_links(socket);
  dump_addresses(socket, found.links);
  observe_all_but_links(socket, name, desired, found);
  return found;
}

/// Reads again what `change` touched; likewise on a thread of its own.
void observe_change(const std::string& name, const Namespace& desired, const NamespaceChange& change, ObservedNamespace& found) {
  enter_namespace(name);
  Socket socket{NETLINK_ROUTE, name};
  for (const auto& link : change.delete_links) found.links.erase(link);
  std::vector<std::string> touched = change.set_links;
  for (const auto& [link, address] : change.add_addresses) touched.push_back(link);
  for (const auto& [link, address] : change.delete_addresses) touched.push_back(link);
  for (auto& [link, observed] : read_links(socket, touched)) found.links.insert_or_assign(link, std::move(observed));
  for (auto& [link, observed] : found.links) observed.link.addresses.clear();
  dump_addresses(socket, found.links);
  found.sysctls.clear();
  observe_all_but_links(socket, name, desired, found);
}

void add_processes(Observed& observed, const ProcessRecords& processes) {
  auto running = processes.running();
  for (auto& [name, found] : observed.namespaces) found.processes = std::move(running[name]);
}

}  // namespace

Observed observe(std::string_view prefix, const State& desired, const ProcessRecords& processes) {
  auto names = list_namespaces(prefix);
  // The largest first: one with a thousand links takes as long as hundreds of others, and is not to be what all wait for.
  const auto links_wanted = [&](const std::string& name) {
    const auto wanted = desired.namespaces.find(name);
    return wanted == desired.namespaces.end() ? 0 : wanted->second.links.size();
  };
  std::ranges::stable_sort(names, std::greater{}, links_wanted);
  std::vector<std::optional<ObservedNamespace>> found(names.size());
  parallel_for(names.size(), [&](std::size_t i) {
    const auto wanted = desired.namespaces.find(names[i]);
    try {
      found[i] = observe_namespace(names[i], wanted == desired.namespaces.end() ? Namespace{} : wanted->second);
    } catch (const KernelError& error) {
      if (error.code() != std::errc::no_such_file_or_directory) throw;
    }
  });
  Observed observed;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (found[i]) {
      observed.namespaces.emplace(names[i], std::move(*found[i]));
    } else {
      observed.broken.push_back(names[i]);
    }
  }
  add_processes(observed, processes);
  return observed;
}

void verify(const Plan& plan, const State& desired, Observed before, const ProcessRecords& processes) {
  for (const auto& name : plan.remove) before.namespaces.erase(name);
  before.broken.clear();
  std::vector<std::pair<const Plan::Change*, ObservedNamespace*>> touched;
  for (const auto& change : plan.change) touched.emplace_back(&change, &before.namespaces[change.first]);
  parallel_for(touched.size(), [&](std::size_t i) {
    const auto& [name, change] = *touched[i].first;
    observe_change(name, desired.namespaces.at(name), change, *touched[i].second);
  });
  add_processes(before, processes);
  Plan still_to_do;
  for (const auto& [name, change] : plan.change) still_to_do.change.emplace(name, diff(name, desired, before));
  const auto left = describe(still_to_do);
  if (!left.empty()) throw std::runtime_error("the kernel does not hold what was set: still to do: " + left.front());
}

}  // namespace netns
