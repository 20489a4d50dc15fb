// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "netns/netlink/dumps.hpp"
#include "netns/netlink/requests.hpp"
#include "netns/reconcile/link_diff.hpp"
#include "netns/reconcile/reconcile.hpp"
#include "netns/state/switches.hpp"

namespace netns {
namespace {

template <typename Set>
void subtract(const Set& from, const Set& what, std::vector<typename Set::value_type>& out) {
  std::ranges::set_difference(from, what, std::back_inserter(out));
}

/// What the kernel makes for an address as soon as its link is up.
std::vector<Route> routes_for(const std::string& link, LinkKind kind, const InterfaceAddress& address) {
  const auto prefix = Ipv4Prefix::of(address.address, address.prefix_length);
  std::vector<Route> routes;
  const auto add = [&](RouteType type, const Ipv4Prefix& destination) {
    const auto table = type == RouteType::Unicast ? kMainTable : kLocalTable;
    routes.push_back({.table = table, .destination = destination, .type = type, .device = link, .gateway = {}});
  };
  add(RouteType::Local, {address.address, 32});
  if (address.prefix_length < 32 && address.prefix_route) add(kind == LinkKind::Loopback ? RouteType::Local : RouteType::Unicast, prefix);
  if (address.prefix_length < 31) add(RouteType::Broadcast, {prefix.last(), 32});
  return routes;
}

class NamespaceDiff {
 public:
  NamespaceDiff(const std::string& name, const State& desired, const Observed& observed, Plan& plan)
      : name_(name), wanted_(desired.namespaces.at(name)), desired_(desired), observed_(observed), plan_(plan) {
    const auto found = observed.namespaces.find(name);
    change_.create = found == observed.namespaces.end();
    if (!change_.create) found_ = found->second;
    links_ = wanted_.links;
    links_.emplace("lo", loopback());
  }

  NamespaceChange result() {
    sysctls();
    links();
    neighbours();
    bridge_entries();
    kernel_routes();
    routes();
    rules();
    change_.set_ruleset = wanted_.ruleset != found_.ruleset;
    if (change_.set_ruleset && found_.ruleset) change_.loaded_ruleset = found_.ruleset->digest;
    processes();
    return std::move(change_);
  }

 private:
  bool is_exclusive() const { return wanted_.custody == Custody::Exclusive; }
  bool configures_itself() const { return wanted_.custody == Custody::SelfConfigured; }

  void note(const std::string& what) { plan_.notes.push_back(fmt::format("{}: {}", name_, what)); }

  void sysctls() {
    for (const auto& [path, value] : change_.create ? initial_switches(wanted_) : watched_switches(wanted_)) {
      const auto found = found_.sysctls.find(path);
      if (found == found_.sysctls.end() || found->second != value) change_.sysctls.emplace(path, value);
    }
  }

  /// Switching forwarding in the namespace switches it for every link as well, wanted or not.
  std::optional<bool> forwarding_to_be() const {
    const auto set = change_.sysctls.find("ipv4/ip_forward");
    return set == change_.sysctls.end() ? std::nullopt : std::optional(set->second != "0");
  }

  void links() {
    for (const auto& [name, found] : found_.links) stranger_or_broken(name, found);
    // What is deleted takes its addresses, routes and neighbours along.
    for (const auto& name : change_.delete_links) {
      found_.links.erase(name);
      forget_what_goes_with(name);
    }
    for (const auto& [name, wanted] : links_) link(name, wanted);
  }

  void stranger_or_broken(const std::string& name, const ObservedLink& found) {
    const auto wanted = links_.find(name);
    if (found.link.kind == LinkKind::Loopback || (wanted != links_.end() && is_intact(observed_, name_, name, wanted->second))) return;
    const bool is_marked = !desired_.link_mark.empty() && found.link.alias.starts_with(desired_.link_mark);
    const bool may_be_ours = wanted != links_.end() && found.link.kind == wanted->second.kind;
    if (is_exclusive() || is_marked || may_be_ours) {
      if (!found.kernel_kind.empty()) return change_.delete_links.push_back(name);
      if (wanted == links_.end()) return note(fmt::format("link {} is a real device, which somebody moved here; it stays", name));
    }
    if (wanted == links_.end()) return;
    plan_.obstacles.push_back(
        fmt::format("{}: a link that is not Lazuli's has the name {}: `ip -n {} link del {}` frees it", name_, name, name_, name));
  }

  void forget_what_goes_with(const std::string& link) {
    forget_routes_and_neighbours(link);
    std::erase_if(found_.bridge_entries, [&](const BridgeEntry& entry) { return entry.bridge == link || entry.port == link; });
    std::erase_if(found_.kernel_routes, [&](const Route& route) { return route.device == link; });
  }

  void forget_routes_and_neighbours(const std::string& link) {
    std::erase_if(found_.routes, [&](const Route& route) { return route.device == link; });
    std::erase_if(found_.foreign_routes, [&](const Foreign& route) { return route.device == link; });
    forget_neighbours(link);
  }

  void forget_neighbours(const std::string& link) {
    std::erase_if(found_.neighbours, [&](const Neighbour& neighbour) { return neighbour.bridge == link; });
  }

  void link(const std::string& name, const Link& wanted) {
    const auto found = found_.links.find(name);
    const bool is_new = found == found_.links.end();
    if (is_new && name != "lo" && makes_the_pair(name_, name, wanted, desired_)) change_.add_links.push_back(name);
    if (!is_new && found->second.link.master != wanted.master) change_.set_masters.push_back(name);
    const auto nothing = ObservedLink{};
    auto change = link_change(name, wanted, is_new ? nothing : found->second, wanted_.custody);
    change.is_new = is_new;
    if (const auto forwarding = forwarding_to_be(); !is_new && forwarding && name != "lo") {
      std::erase_if(change.reasons, [](const std::string& reason) { return reason.starts_with("forwarding is"); });
      if (*forwarding != wanted.forwards) change.reasons.push_back(fmt::format("forwarding becomes {}", *forwarding ? 1 : 0));
    }
    if (is_new || change.bring_up || change.set_address || !change.reasons.empty()) change_.set_links.push_back(change);
    if (!is_new && change.set_address) forget_neighbours(name);
    if (!is_new && found->second.link.master != wanted.master)
      std::erase_if(found_.bridge_entries, [&](const BridgeEntry& entry) { return entry.port == name; });
    addresses(name, wanted, is_new ? nothing : found->second);
  }

  void addresses(const std::string& name, const Link& wanted, const ObservedLink& found) {
    const auto& there = found.link.addresses;
    std::vector<InterfaceAddress> strangers;
    std::vector<InterfaceAddress> going;
    for (const auto& address : there) {
      if (wanted.addresses.contains(address)) continue;
      const bool stays = !is_exclusive() && found.foreign_addresses.contains(address) && !is_ours_otherwise(address, wanted);
      (stays ? strangers : going).push_back(address);
    }
    auto left = there.size() - going.size();
    for (const auto& address : strangers) {
      note(fmt::format("address {}/{} of {} is not Lazuli's; it stays", to_string(address.address), address.prefix_length, name));
      if (std::ranges::none_of(going, [&](const InterfaceAddress& one) { return are_beside(one, address); })) continue;
      change_.delete_addresses.emplace_back(name, address);
      change_.return_addresses.emplace_back(name, address);
      --left;
    }
    for (const auto& address : going) change_.delete_addresses.emplace_back(name, address);
    for (const auto& address : wanted.addresses)
      if (!there.contains(address)) change_.add_addresses.emplace_back(name, address);
    const bool loses_all = !there.empty() && left == 0;
    // The kernel forgets routes and neighbours of a link that is without an address for a moment.
    if (loses_all) forget_routes_and_neighbours(name);
  }

  /// Whether they have the same network: the kernel deletes the later one with the earlier one, or sends from it then.
  static bool are_beside(const InterfaceAddress& one, const InterfaceAddress& other) {
    return one.prefix_length == other.prefix_length &&
           Ipv4Prefix::of(one.address, one.prefix_length) == Ipv4Prefix::of(other.address, other.prefix_length);
  }

  /// Whether somebody gave a link the address that it is to have, with another prefix.
  static bool is_ours_otherwise(const InterfaceAddress& found, const Link& wanted) {
    return std::ranges::any_of(wanted.addresses, [&](const InterfaceAddress& address) { return address.address == found.address; });
  }

  /// Only bridges have neighbours of ours: elsewhere one that does not change turns packets away.
  void neighbours() {
    std::set<Neighbour> wanted;
    for (const auto& neighbour : wanted_.neighbours) {
      auto as_observed = neighbour;
      as_observed.port.clear();
      if (!found_.neighbours.contains(as_observed)) change_.add_neighbours.push_back(neighbour);
      wanted.insert(std::move(as_observed));
    }
    for (const auto& found : found_.neighbours) {
      if (wanted.contains(found)) continue;
      if (links_.contains(found.bridge) && !configures_itself())
        change_.delete_neighbours.push_back(found);
      else if (links_.contains(found.bridge))
        note(fmt::format("neighbour {} is not Lazuli's; it stays", describe(found)));
    }
    // What is replaced need not be deleted before.
    std::erase_if(change_.delete_neighbours, [&](const Neighbour& old) {
      return std::ranges::any_of(change_.add_neighbours,
                                 [&](const Neighbour& n) { return n.bridge == old.bridge && n.address == old.address; });
    });
  }

  void bridge_entries() {
    std::set<BridgeEntry> wanted;
    for (const auto& neighbour : wanted_.neighbours) wanted.insert({neighbour.bridge, neighbour.link_address, neighbour.port});
    std::set<BridgeEntry> found;
    for (const auto& entry : found_.bridge_entries)
      if (links_.contains(entry.bridge)) found.insert(entry);  // a bridge of others is theirs
    subtract(found, wanted, change_.delete_bridge_entries);
    subtract(wanted, found, change_.add_bridge_entries);
  }

  /// Those of an address that is new, or of a link that is still down, the kernel makes by itself.
  void kernel_routes() {
    for (const auto& [name, wanted] : links_) {
      const auto found = found_.links.find(name);
      if (found == found_.links.end() || !found->second.up) continue;
      for (const auto& address : wanted.addresses) {
        if (!found->second.link.addresses.contains(address)) continue;
        for (const auto& route : routes_for(name, wanted.kind, address)) {
          const auto same = [&](const KernelRoute& other) { return other.route == route; };
          if (!found_.kernel_routes.contains(route) && std::ranges::none_of(change_.add_kernel_routes, same))
            change_.add_kernel_routes.push_back({route, address.address});
        }
      }
    }
  }

  void routes() {
    subtract(wanted_.routes, found_.routes, change_.add_routes);
    subtract(found_.routes, wanted_.routes, change_.delete_routes);
    // Adding replaces the route for the same prefix in the same table: deleting it as well would delete the new one.
    std::erase_if(change_.delete_routes, [&](const Route& old) {
      return std::ranges::any_of(change_.add_routes,
                                 [&](const Route& r) { return r.table == old.table && r.destination == old.destination; });
    });
    for (const auto& route : found_.foreign_routes) {
      if (is_exclusive() || route.marked)
        change_.delete_foreign_routes.push_back(route);
      else if ((route.device.empty() || links_.contains(route.device)) && !is_replaced(route))
        note(fmt::format("route {} is not Lazuli's; it stays", route.text));
    }
  }

  /// Whether one of ours takes its place: the kernel has one route of a metric to a destination in a table.
  bool is_replaced(const Foreign& route) const {
    return std::ranges::any_of(change_.add_routes, [&](const Route& ours) {
      return route.place == std::pair{ours.table, ours.destination};
    });
  }

  void rules() {
    subtract(found_.rules, wanted_.rules, change_.delete_rules);
    subtract(wanted_.rules, found_.rules, change_.add_rules);
    if (!change_.create) subtract(kernel_rules(), found_.kernel_rules, change_.add_kernel_rules);
    for (const auto& rule : found_.foreign_rules) {
      if (is_exclusive() || rule.marked)
        change_.delete_foreign_rules.push_back(rule);
      else
        note(fmt::format("rule {} is not Lazuli's; it stays", rule.text));
    }
  }

  void processes() {
    for (const auto& [name, digest] : found_.processes) {
      const auto wanted = wanted_.processes.find(name);
      if (wanted == wanted_.processes.end() || !goes_on(wanted->second, digest)) change_.stop_processes.push_back(name);
    }
    for (const auto& [name, process] : wanted_.processes) {
      const auto found = found_.processes.find(name);
      if (found == found_.processes.end() || !goes_on(process, found->second))
        change_.start_processes.push_back(name);
      else if (process.folder.reread && (found->second != digest_of(process) || has_new_links()))
        change_.reread_processes.push_back(name);
    }
  }

  static bool goes_on(const Process& wanted, const std::string& digest) {
    const auto now = digest_of(wanted);
    return now == digest || (wanted.folder.reread && same_program(now, digest));
  }

  bool has_new_links() const {
    return std::ranges::any_of(wanted_.links, [&](const auto& link) { return !found_.links.contains(link.first); });
  }

  const std::string& name_;
  const Namespace& wanted_;
  const State& desired_;
  const Observed& observed_;
  Plan& plan_;
  std::map<std::string, Link> links_;  ///< wanted, `lo` among them
  ObservedNamespace found_;
  NamespaceChange change_;
};

void add_change_of(const std::string& name, const State& desired, const Observed& observed, Plan& plan) {
  auto change = NamespaceDiff{name, desired, observed, plan}.result();
  if (change != NamespaceChange{}) plan.change.emplace(name, std::move(change));
}

}  // namespace

Plan diff(const State& desired, const Observed& observed) {
  Plan plan;
  const auto is_wanted = [&](const std::string& name) { return desired.namespaces.contains(name); };
  for (const auto& name : observed.broken)
    if (!is_wanted(name)) plan.remove.push_back(name);
  for (const auto& [name, found] : observed.namespaces)
    if (!is_wanted(name)) plan.remove.push_back(name);
  plan.bury = observed.lost;
  // What had a name whose file alone is left may live on without it.
  for (const auto& name : observed.broken)
    if (is_wanted(name)) plan.bury.push_back(name);
  for (const auto& name : observed.strangers) {
    if (is_wanted(name))
      plan.obstacles.push_back(
          fmt::format("{0}: this name stands for something that Lazuli did not make: `ip netns del {0}` frees it", name));
  }
  for (const auto& [name, wanted] : desired.namespaces) add_change_of(name, desired, observed, plan);
  return plan;
}

Plan diff(const State& desired, const Observed& observed, const std::vector<std::string>& names) {
  Plan plan;
  for (const auto& name : names) add_change_of(name, desired, observed, plan);
  return plan;
}

}  // namespace netns
