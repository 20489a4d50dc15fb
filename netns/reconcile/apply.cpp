// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <functional>

#include "netns/base/error.hpp"
#include "netns/base/parallel.hpp"
#include "netns/base/sysctl.hpp"
#include "netns/namespace/namespace.hpp"
#include "netns/netlink/requests.hpp"
#include "netns/netlink/ruleset.hpp"
#include "netns/reconcile/reconcile.hpp"

namespace netns {
namespace {

/// Those with the most links first: what takes longest is not to be what all wait for.
template <typename Wanted>
std::vector<const Plan::Change*> changes_that(const Plan& plan, Wanted wanted) {
  std::vector<const Plan::Change*> found;
  for (const auto& change : plan.change)
    if (wanted(change.second)) found.push_back(&change);
  std::ranges::stable_sort(found, std::greater{}, [](const auto* change) { return change->second.set_links.size(); });
  return found;
}

/// Deletes one after the other: the second end of a pair is gone with the first.
void delete_links(const std::string& name, const std::vector<std::string>& links) {
  enter_namespace(name);
  Socket socket{NETLINK_ROUTE, name};
  for (const auto& link : links) {
    try {
      delete_link(socket, link);
      socket.flush();
    } catch (const KernelError& error) {
      if (error.code() != std::errc::no_such_device) throw;
    }
  }
}

void write_sysctls(const std::string& name, const std::map<std::string, std::string>& sysctls) {
  for (const auto& [path, value] : sysctls) {
    if (!is_optional_sysctl(path) || read_sysctl(path)) write_sysctl(path, value, name);
  }
}

/// Of a link in the calling thread's namespace; 0 for no name. @throws KernelError
int index_of(const std::string& link) {
  if (link.empty()) return 0;
  const auto index = ::if_nametoindex(link.c_str());
  const int error = errno;
  if (index == 0) throw KernelError(error, "find link " + link);
  return static_cast<int>(index);
}

void add_links(const std::string& name, const std::vector<std::string>& links, const State& desired) {
  constexpr std::size_t kOpenAtOnce = 64;  // namespaces, well below the usual limit of open files
  enter_namespace(name);
  Socket socket{NETLINK_ROUTE, name};
  const auto& here = desired.namespaces.at(name).links;
  for (const auto& link : links) {
    if (here.at(link).kind == LinkKind::Bridge) add_bridge(socket, link, here.at(link));
    if (here.at(link).kind == LinkKind::Xfrm) add_xfrm_interface(socket, link, here.at(link));
  }
  socket.flush();
  std::map<std::string, int> masters;
  std::vector<UniqueFd> peers;
  for (const auto& link : links) {
    const auto& wanted = here.at(link);
    if (wanted.kind != LinkKind::Veth) continue;
    peers.push_back(open_namespace(wanted.peer->name_space));
    const auto& peer = desired.namespaces.at(wanted.peer->name_space).links.at(wanted.peer->link);
    const auto [master, is_new] = masters.try_emplace(wanted.master);
    if (is_new) master->second = index_of(wanted.master);
    add_veth_pair(socket, link, wanted, master->second, peers.back(), wanted.peer->link, peer);
    if (peers.size() < kOpenAtOnce) continue;
    socket.flush();
    peers.clear();
  }
  socket.flush();
}

void set_ruleset(const std::string& name, const NamespaceChange& change, const std::optional<Ruleset>& wanted, const State& previous) {
  if (!wanted) return flush_ruleset(name);
  const auto before = previous.namespaces.find(name);
  const bool known =
      before != previous.namespaces.end() && before->second.ruleset && before->second.ruleset->digest == change.loaded_ruleset;
  known ? update_ruleset(*before->second.ruleset, *wanted, name) : load_ruleset(*wanted, name);
}

void configure(const std::string& name, const NamespaceChange& change, const Namespace& wanted, const State& previous) {
  enter_namespace(name);
  if (change.set_ruleset) set_ruleset(name, change, wanted.ruleset, previous);
  if (!change.create) write_sysctls(name, change.sysctls);
  Socket socket{NETLINK_ROUTE, name};
  if (change.create) {
    set_link_up(socket, "lo");
    for (const auto& link : change.set_links) write_sysctls(name, wanted.links.at(link).sysctls);
  }
  for (const auto& rule : change.delete_rules) delete_rule(socket, rule);
  for (const auto& [link, address] : change.delete_addresses) delete_address(socket, link, index_of(link), address);
  for (const auto& [link, address] : change.add_addresses) add_address(socket, link, index_of(link), address);
  for (const auto& link : change.set_masters) set_master(socket, link, index_of(wanted.links.at(link).master));
  for (const auto& link : change.set_links) set_link(socket, link, wanted.links.at(link));
  for (const auto& neighbour : change.delete_neighbours) delete_neighbour(socket, neighbour, index_of(neighbour.bridge));
  std::map<std::string, int> bridges;
  for (const auto& neighbour : change.add_neighbours) {
    const auto [bridge, is_new] = bridges.try_emplace(neighbour.bridge);
    if (is_new) bridge->second = index_of(neighbour.bridge);
    add_neighbour(socket, neighbour, bridge->second, index_of(neighbour.port));
  }
  for (const auto& route : change.delete_routes) delete_route(socket, route);
  for (const auto& route : change.add_routes) add_route(socket, route, index_of(route.device));
  for (const auto& rule : change.add_rules) add_rule(socket, rule);
  socket.flush();
}

void remove_namespaces(const std::vector<std::string>& names) {
  stop_all_in(names);
  for (const auto& name : names) remove_namespace(name);
}

}  // namespace

void apply(const Plan& plan, const State& desired, const State& previous, const ProcessRecords& processes, const Progress& progress) {
  const auto begin = [&](const char* stage, std::size_t count, const char* what) {
    if (progress && count != 0) progress(fmt::format("{} {} {}{}", stage, count, what, count == 1 ? "" : "s"));
  };
  for (const auto& [name, change] : plan.change)
    for (const auto& process : change.stop_processes) processes.stop(name, process);
  const auto shrinking = changes_that(plan, [](const auto& change) { return !change.delete_links.empty(); });
  parallel_for(shrinking.size(), [&](std::size_t i) { delete_links(shrinking[i]->first, shrinking[i]->second.delete_links); });
  begin("removing", plan.remove.size(), "namespace");
  processes.expect_end(plan.remove);
  remove_namespaces(plan.remove);
  for (const auto& name : plan.remove) processes.forget(name);

  const auto created = changes_that(plan, [](const auto& change) { return change.create; });
  begin("creating", created.size(), "namespace");
  if (!created.empty()) prepare_namespace_directory();
  parallel_for(created.size(), [&](std::size_t i) {
    create_namespace(created[i]->first);
    write_sysctls(created[i]->first, desired.namespaces.at(created[i]->first).sysctls);
  });

  const auto growing = changes_that(plan, [](const auto& change) { return !change.add_links.empty(); });
  std::size_t links = 0;
  for (const auto* change : growing) links += change->second.add_links.size();
  begin("creating", links, "link");
  parallel_for(growing.size(), [&](std::size_t i) { add_links(growing[i]->first, growing[i]->second.add_links, desired); });

  const auto all = changes_that(plan, [](const auto&) { return true; });
  begin("configuring", all.size(), "namespace");
  parallel_for(all.size(),
               [&](std::size_t i) { configure(all[i]->first, all[i]->second, desired.namespaces.at(all[i]->first), previous); });

  for (const auto& [name, change] : plan.change)
    for (const auto& process : change.start_processes) processes.start(name, process, desired.namespaces.at(name).processes.at(process));
  for (const auto& [name, change] : plan.change)
    for (const auto& process : change.reread_processes) processes.reread(name, process, desired.namespaces.at(name).processes.at(process));
}

std::vector<std::string> describe(const Plan& plan) {
  std::vector<std::string> lines;
  for (const auto& name : plan.remove) lines.push_back(fmt::format("{}: remove namespace", name));
  for (const auto& [name, change] : plan.change) {
    const auto line = [&, &place = name](const std::string& step) { lines.push_back(fmt::format("{}: {}", place, step)); };
    if (change.create) line("create namespace");
    for (const auto& process : change.stop_processes) line(fmt::format("stop process {}", process));
    for (const auto& link : change.delete_links) line(fmt::format("delete link {}", link));
    for (const auto& link : change.add_links) line(fmt::format("add link {}", link));
    if (change.set_ruleset) line("load ruleset");
    for (const auto& [path, value] : change.sysctls) line(fmt::format("set net/{} to {}", path, value));
    for (const auto& rule : change.delete_rules) line(fmt::format("delete rule {}", describe(rule)));
    for (const auto& [link, address] : change.delete_addresses) line(fmt::format("delete address {} from {}", describe(address), link));
    for (const auto& [link, address] : change.add_addresses) line(fmt::format("add address {} to {}", describe(address), link));
    for (const auto& link : change.set_links) line(fmt::format("bring up link {}", link));
    for (const auto& neighbour : change.delete_neighbours) line(fmt::format("delete neighbour {}", describe(neighbour)));
    for (const auto& neighbour : change.add_neighbours) line(fmt::format("add neighbour {}", describe(neighbour)));
    for (const auto& route : change.delete_routes) line(fmt::format("delete route {}", describe(route)));
    for (const auto& route : change.add_routes) line(fmt::format("add route {}", describe(route)));
    for (const auto& rule : change.add_rules) line(fmt::format("add rule {}", describe(rule)));
    for (const auto& process : change.start_processes) line(fmt::format("start process {}", process));
    for (const auto& process : change.reread_processes) line(fmt::format("tell process {} what changed", process));
  }
  return lines;
}

}  // namespace netns
