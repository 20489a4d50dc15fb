// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <functional>

#include "netns/base/error.hpp"
#include "netns/base/parallel.hpp"
#include "netns/base/sysctl.hpp"
#include "netns/namespace/namespace.hpp"
#include "netns/namespace/occupants.hpp"
#include "netns/netlink/dumps.hpp"
#include "netns/netlink/requests.hpp"
#include "netns/netlink/ruleset.hpp"
#include "netns/reconcile/inherited.hpp"
#include "netns/reconcile/link_diff.hpp"
#include "netns/reconcile/process_starts.hpp"
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
    if (!is_optional_sysctl(path) || read_sysctl(path, name)) write_sysctl(path, value, name);
  }
}

/// Of a link in the calling thread's namespace, which is `place`; 0 for no name. @throws KernelError
int index_of(const std::string& link, const std::string& place) {
  if (link.empty()) return 0;
  const auto index = ::if_nametoindex(link.c_str());
  const int error = errno;
  if (index == 0) throw KernelError(error, fmt::format("find link {} in {}", link, place));
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
    if (is_new) master->second = index_of(wanted.master, name);
    add_veth_pair(socket, link, wanted, master->second, peers.back(), wanted.peer->link, peer);
    if (peers.size() < kOpenAtOnce) continue;
    socket.flush();
    peers.clear();
  }
  socket.flush();
}

void set_ruleset(const std::string& name, const NamespaceChange& change, const Namespace& desired, const State& previous) {
  const auto& wanted = desired.ruleset;
  if (!wanted) return flush_ruleset(name);
  const auto others = desired.custody == Custody::Exclusive ? Others::Go : Others::Stay;
  const auto before = previous.namespaces.find(name);
  const bool known =
      before != previous.namespaces.end() && before->second.ruleset && before->second.ruleset->digest == change.loaded_ruleset;
  known ? update_ruleset(*before->second.ruleset, *wanted, name, others) : load_ruleset(*wanted, name, others);
}

/// Deletes what somebody else may delete just then, or the kernel with something else.
template <typename Delete>
void delete_if_there(Socket& socket, Delete request) {
  socket.flush();
  try {
    request();
    socket.flush();
  } catch (const KernelError& error) {
    if (error.code() != std::errc::no_such_process && error.code() != std::errc::no_such_file_or_directory) throw;
  }
}

void set_links(Socket& socket, const NamespaceChange& change, const Namespace& wanted) {
  const bool inherited_well = neighbour_settings_are_inherited_well();
  const auto lo = loopback();
  for (const auto& one : change.set_links) {
    const auto& name = one.link;
    const auto& link = name == "lo" ? lo : wanted.links.at(name);
    set_link(socket, name, link, one.set_address && !one.is_new, one.reasons);
    if (name != "lo" && (link.proxy_arp || !inherited_well || !one.is_new))
      set_neighbour_settings(socket, name, link, index_of(name, socket.place()));
    const auto is_off = [&](std::string_view what) {
      return std::ranges::any_of(one.reasons, [&](const std::string& reason) { return reason.starts_with(what); });
    };
    if (one.is_new) continue;
    if (is_off("disable_ipv6 is")) write_sysctl(fmt::format("ipv6/conf/{}/disable_ipv6", name), "1", socket.place());
    if (is_off(kNoIpv6Loopback)) {
      add_ipv6_loopback(socket, index_of(name, socket.place()));
      delete_if_there(socket, [&] { delete_ipv6_loopback_route(socket, index_of(name, socket.place())); });
    }
    if (is_off("state is")) set_port_forwarding(socket, name);
    if (is_off("xdp is")) detach_programs(socket, name);
    if (one.stop_queueing) delete_if_there(socket, [&] { delete_queueing(socket, name, index_of(name, socket.place()), false); });
    if (one.stop_queueing_incoming) delete_if_there(socket, [&] { delete_queueing(socket, name, index_of(name, socket.place()), true); });
  }
}

/// Numbers of links, each looked up once.
class LinkNumbers {
 public:
  explicit LinkNumbers(std::string place) : place_(std::move(place)) {}

  int operator[](const std::string& link) {
    const auto [known, is_new] = numbers_.try_emplace(link);
    if (is_new) known->second = index_of(link, place_);
    return known->second;
  }

 private:
  std::string place_;
  std::map<std::string, int> numbers_;
};

void set_neighbours(Socket& socket, const NamespaceChange& change) {
  LinkNumbers numbers{socket.place()};
  for (const auto& neighbour : change.delete_neighbours)
    delete_if_there(socket, [&] { delete_neighbour(socket, neighbour, numbers[neighbour.bridge]); });
  for (const auto& entry : change.delete_bridge_entries)
    delete_if_there(socket, [&] { delete_bridge_entry(socket, entry, numbers[entry.port.empty() ? entry.bridge : entry.port]); });
  for (const auto& entry : change.add_bridge_entries) add_bridge_entry(socket, entry, numbers[entry.port]);
  for (const auto& neighbour : change.add_neighbours) add_neighbour(socket, neighbour, numbers[neighbour.bridge]);
}

void set_routes_and_rules(Socket& socket, const NamespaceChange& change) {
  for (const auto& route : change.add_kernel_routes)
    add_kernel_route(socket, route.route, route.source, index_of(route.route.device, socket.place()));
  for (const auto& route : change.delete_foreign_routes) delete_if_there(socket, [&] { delete_route(socket, route); });
  for (const auto& route : change.delete_routes) delete_if_there(socket, [&] { delete_route(socket, route); });
  for (const auto& route : change.add_routes) add_route(socket, route, index_of(route.device, socket.place()));
  for (const auto& rule : change.add_kernel_rules) add_rule(socket, rule, true);
  for (const auto& rule : change.add_rules) add_rule(socket, rule);
  for (const auto& rule : change.delete_foreign_rules) delete_if_there(socket, [&] { delete_rule(socket, rule); });
}

void configure(const std::string& name, const NamespaceChange& change, const Namespace& wanted, const State& previous) {
  enter_namespace(name);
  if (change.set_ruleset) set_ruleset(name, change, wanted, previous);
  if (!change.create) write_sysctls(name, change.sysctls);
  Socket socket{NETLINK_ROUTE, name};
  for (const auto& rule : change.delete_rules) delete_if_there(socket, [&] { delete_rule(socket, rule); });
  for (const auto& [link, address] : change.delete_addresses) delete_address(socket, link, index_of(link, name), address);
  for (const auto& [link, address] : change.add_addresses) {
    if (change.create && link == "lo") continue;  // the kernel gives it as the link comes up
    add_address(socket, link, index_of(link, name), address);
  }
  for (const auto& [link, address] : change.return_addresses) add_foreign_address(socket, link, index_of(link, name), address);
  for (const auto& link : change.set_masters) set_master(socket, link, index_of(wanted.links.at(link).master, name));
  set_links(socket, change, wanted);
  set_neighbours(socket, change);
  set_routes_and_rules(socket, change);
  socket.flush();
}

/// Ends what runs in namespaces of ours, by what was recorded of them: their names may stand for others.
void end_processes_in(const std::vector<std::string>& names, const std::map<std::string, NamespaceIdentity>& recorded) {
  std::set<NamespaceIdentity> identities;
  for (const auto& name : names)
    if (const auto record = recorded.find(name); record != recorded.end()) identities.insert(record->second);
  end_occupants(identities);
}

void bury_namespaces(const Plan& plan, const State& desired, const Records& records) {
  if (plan.bury.empty()) return;
  end_processes_in(plan.bury, records.namespaces.read());
  for (const auto& name : plan.bury) {
    if (!desired.namespaces.contains(name)) records.processes.forget(name);
    records.namespaces.forget(name);
  }
}

void remove_namespaces(const Plan& plan, const Records& records) {
  if (plan.remove.empty()) return;
  records.processes.end_all(plan.remove);
  end_processes_in(plan.remove, records.namespaces.read());
  for (const auto& name : plan.remove) {
    remove_namespace(name);
    records.processes.forget(name);
    records.namespaces.forget(name);
  }
}

void create_namespace(const std::string& name, const Namespace& wanted, InheritedSwitches& switches, const Records& records) {
  make_namespace(name);
  switches.set(name, wanted);
  records.namespaces.write(name, identity_of_this_namespace());
  name_namespace(name);
}

/// Namespaces of the same names that lost them: what runs there goes on for nobody, and what was done there was not done here.
void bury_the_past_of(const std::vector<const Plan::Change*>& created, const ProcessRecords& processes) {
  if (created.empty()) return;
  std::vector<std::string> names;
  for (const auto* change : created) names.push_back(change->first);
  processes.end_all(names);
  for (const auto& name : names) processes.forget(name);
}

}  // namespace

void apply(const Plan& plan, const State& desired, const State& previous, const Records& records, const Progress& progress) {
  if (!plan.obstacles.empty()) throw std::runtime_error(fmt::format("{}", fmt::join(plan.obstacles, "\n  ")));
  const auto begin = [&](const char* stage, std::size_t count, const char* what) {
    if (progress && count != 0) progress(fmt::format("{} {} {}{}", stage, count, what, count == 1 ? "" : "s"));
  };
  neighbour_settings_are_inherited_well();  // which is to be asked here
  records.namespaces.remove_drafts();
  const auto& processes = records.processes;
  for (const auto& [name, change] : plan.change)
    for (const auto& process : change.stop_processes) processes.stop(name, process);
  bury_namespaces(plan, desired, records);
  const auto shrinking = changes_that(plan, [](const auto& change) { return !change.delete_links.empty(); });
  parallel_for(shrinking.size(), [&](std::size_t i) { delete_links(shrinking[i]->first, shrinking[i]->second.delete_links); });
  begin("removing", plan.remove.size(), "namespace");
  remove_namespaces(plan, records);

  const auto created = changes_that(plan, [](const auto& change) { return change.create; });
  begin("creating", created.size(), "namespace");
  if (!created.empty()) prepare_namespace_directory();
  InheritedSwitches switches;
  bury_the_past_of(created, processes);
  parallel_for(created.size(), [&](std::size_t i) {
    const auto& name = created[i]->first;
    create_namespace(name, desired.namespaces.at(name), switches, records);
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

  start_processes(plan, desired, processes, progress);
  for (const auto& [name, change] : plan.change)
    for (const auto& process : change.reread_processes) processes.reread(name, process, desired.namespaces.at(name).processes.at(process));
}

}  // namespace netns
