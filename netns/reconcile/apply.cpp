// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>

#include "netns/base/error.hpp"
#include "netns/base/parallel.hpp"
#include "netns/base/sysctl.hpp"
#include "netns/namespace/namespace.hpp"
#include "netns/netlink/dumps.hpp"
#include "netns/netlink/requests.hpp"
#include "netns/netlink/ruleset.hpp"
#include "netns/reconcile/reconcile.hpp"

namespace netns {
namespace {

using Change = std::pair<const std::string, NamespaceChange>;

template <typename Wanted>
std::vector<const Change*> changes_that(const Plan& plan, Wanted wanted) {
  std::vector<const Change*> found;
  for (const auto& change : plan.change)
    if (wanted(change.second)) found.push_back(&change);
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

int index_of(const std::map<std::string, ObservedLink>& links, const std::string& link) {
  const auto found = links.find(link);
  return found == links.end() ? 0 : found->second.ifindex;
}

void add_links(const std::string& name, const std::vector<std::string>& links, const State& desired) {
  constexpr std::size_t kOpenAtOnce = 64;  // namespaces, well below the usual limit of open files
  enter_namespace(name);
  Socket socket{NETLINK_ROUTE, name};
  const auto& here = desired.namespaces.at(name).links;
  for (const auto& link : links)
    if (here.at(link).kind == LinkKind::Bridge) add_bridge(socket, link, here.at(link));
  socket.flush();
  const auto indexes = dump_links(socket);
  std::vector<UniqueFd> peers;
  for (const auto& link : links) {
    const auto& wanted = here.at(link);
    if (wanted.kind != LinkKind::Veth) continue;
    peers.push_back(open_namespace(wanted.peer->name_space));
    const auto& peer = desired.namespaces.at(wanted.peer->name_space).links.at(wanted.peer->link);
    add_veth_pair(socket, link, wanted, index_of(indexes, wanted.master), peers.back(), wanted.peer->link, peer);
    if (peers.size() < kOpenAtOnce) continue;
    socket.flush();
    peers.clear();
  }
  socket.flush();
}

void configure(const std::string& name, const NamespaceChange& change, const Namespace& wanted) {
  enter_namespace(name);
  if (change.set_ruleset) {
    if (wanted.ruleset) {
      load_ruleset(*wanted.ruleset, name);
    } else {
      flush_ruleset(name);
    }
  }
  if (!change.create) write_sysctls(name, change.sysctls);
  Socket socket{NETLINK_ROUTE, name};
  const auto indexes = dump_links(socket);
  if (change.create) {
    set_link_up(socket, "lo");
    for (const auto& link : change.set_links) write_sysctls(name, wanted.links.at(link).sysctls);
  }
  for (const auto& rule : change.delete_rules) delete_rule(socket, rule);
  for (const auto& [link, address] : change.delete_addresses) delete_address(socket, link, index_of(indexes, link), address);
  for (const auto& [link, address] : change.add_addresses) add_address(socket, link, index_of(indexes, link), address);
  for (const auto& link : change.set_links) {
    const auto& to_be = wanted.links.at(link);
    const auto is = indexes.find(link);
    if (is != indexes.end() && is->second.link.master != to_be.master) set_master(socket, link, index_of(indexes, to_be.master));
    set_link(socket, link, to_be);
  }
  for (const auto& route : change.delete_routes) delete_route(socket, route, index_of(indexes, route.device));
  for (const auto& route : change.add_routes) add_route(socket, route, index_of(indexes, route.device));
  for (const auto& rule : change.add_rules) add_rule(socket, rule);
  socket.flush();
}

void remove_namespaces(const std::vector<std::string>& names) {
  stop_all_in(names);
  for (const auto& name : names) remove_namespace(name);
}

}  // namespace

void apply(const Plan& plan, const State& desired, const ProcessRecords& processes) {
  for (const auto& [name, change] : plan.change)
    for (const auto& process : change.stop_processes) processes.stop(name, process);
  const auto shrinking = changes_that(plan, [](const auto& change) { return !change.delete_links.empty(); });
  parallel_for(shrinking.size(), [&](std::size_t i) { delete_links(shrinking[i]->first, shrinking[i]->second.delete_links); });
  remove_namespaces(plan.remove);

  const auto created = changes_that(plan, [](const auto& change) { return change.create; });
  if (!created.empty()) std::filesystem::create_directories(kNamespaceDirectory);
  parallel_for(created.size(), [&](std::size_t i) {
    create_namespace(created[i]->first);
    write_sysctls(created[i]->first, desired.namespaces.at(created[i]->first).sysctls);
  });

  const auto growing = changes_that(plan, [](const auto& change) { return !change.add_links.empty(); });
  parallel_for(growing.size(), [&](std::size_t i) { add_links(growing[i]->first, growing[i]->second.add_links, desired); });

  const auto all = changes_that(plan, [](const auto&) { return true; });
  parallel_for(all.size(), [&](std::size_t i) { configure(all[i]->first, all[i]->second, desired.namespaces.at(all[i]->first)); });

  for (const auto& [name, change] : plan.change)
    for (const auto& process : change.start_processes) processes.start(name, process, desired.namespaces.at(name).processes.at(process));
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
    for (const auto& route : change.delete_routes) line(fmt::format("delete route {}", describe(route)));
    for (const auto& route : change.add_routes) line(fmt::format("add route {}", describe(route)));
    for (const auto& rule : change.add_rules) line(fmt::format("add rule {}", describe(rule)));
    for (const auto& process : change.start_processes) line(fmt::format("start process {}", process));
  }
  return lines;
}

}  // namespace netns
