// SPDX-License-Identifier: Apache-2.0
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

/// Runs on a thread of its own: it stays in the namespace.
ObservedNamespace observe_namespace(const std::string& name, const Namespace& desired) {
  enter_namespace(name);
  Socket socket{NETLINK_ROUTE, name};
  ObservedNamespace found;
  found.links = dump_links(socket);
  dump_addresses(socket, found.links);
  found.routes = dump_routes(socket, found.links);
  found.rules = dump_rules(socket);
  if (desired.ruleset) found.ruleset = observe_ruleset(name);
  observe_sysctls(desired.sysctls, found.sysctls);
  for (const auto& [link, wanted] : desired.links) observe_sysctls(wanted.sysctls, found.sysctls);
  return found;
}

/// @param names  those that are no namespaces come back as broken
Observed observe_named(const std::vector<std::string>& names, const State& desired, const ProcessRecords& processes) {
  std::vector<std::optional<ObservedNamespace>> found(names.size());
  parallel_for(names.size(), [&](std::size_t i) {
    const auto wanted = desired.namespaces.find(names[i]);
    try {
      found[i] = observe_namespace(names[i], wanted == desired.namespaces.end() ? Namespace{} : wanted->second);
    } catch (const KernelError& error) {
      if (error.code() != std::errc::no_such_file_or_directory) throw;
    }
  });
  auto running = processes.running();
  Observed observed;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!found[i]) {
      observed.broken.push_back(names[i]);
      continue;
    }
    if (const auto processes_here = running.find(names[i]); processes_here != running.end())
      found[i]->processes = std::move(processes_here->second);
    observed.namespaces.emplace_hint(observed.namespaces.end(), names[i], std::move(*found[i]));
  }
  return observed;
}

}  // namespace

Observed observe(std::string_view prefix, const State& desired, const ProcessRecords& processes) {
  return observe_named(list_namespaces(prefix), desired, processes);
}

void verify(const Plan& plan, const State& desired, Observed before, const ProcessRecords& processes) {
  std::vector<std::string> touched;
  for (const auto& [name, change] : plan.change) touched.push_back(name);
  for (const auto& name : plan.remove) before.namespaces.erase(name);
  before.broken.clear();
  for (auto& [name, found] : observe_named(touched, desired, processes).namespaces)
    before.namespaces.insert_or_assign(name, std::move(found));
  const auto left = describe(diff(desired, before));
  if (!left.empty()) throw std::runtime_error("the kernel does not hold what was set: still to do: " + left.front());
}

}  // namespace netns
