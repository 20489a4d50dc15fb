// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "netns/reconcile/reconcile.hpp"

namespace netns {
namespace {

const ObservedLink* find(const Observed& observed, const std::string& name_space, const std::string& link) {
  const auto place = observed.namespaces.find(name_space);
  if (place == observed.namespaces.end()) return nullptr;
  const auto found = place->second.links.find(link);
  return found == place->second.links.end() ? nullptr : &found->second;
}

/// A veth's two ends come and go together, so one that lacks its other end is not the link that is wanted; nor is one that leads
/// to another end than that of the wanted name. (Two namespaces may number two links alike: then the wrong one is not noticed.)
bool intact(const Observed& observed, const std::string& name_space, const std::string& name, const Link& link) {
  const auto* here = find(observed, name_space, name);
  if (here == nullptr || here->link.kind != link.kind || here->link.interface_id != link.interface_id) return false;
  if (!link.peer) return true;
  const auto* there = find(observed, link.peer->name_space, link.peer->link);
  return there != nullptr && here->peer_ifindex == there->ifindex && there->peer_ifindex == here->ifindex;
}

/// The end that is a bridge's port makes the pair, so that it is enslaved in the same message; otherwise the lesser name does.
bool makes_the_pair(const std::string& name_space, const std::string& name, const Link& link, const State& desired) {
  if (!link.peer) return true;
  const auto& other = desired.namespaces.at(link.peer->name_space).links.at(link.peer->link);
  if (link.master.empty() != other.master.empty()) return !link.master.empty();
  return VethPeer{name_space, name} < *link.peer;
}

bool set_as_wanted(const Link& wanted, const ObservedLink& found) {
  return found.up && found.link.master == wanted.master && found.link.isolated == wanted.isolated &&
         found.link.forwards == wanted.forwards && found.link.ipv6 == wanted.ipv6 && found.link.alias == wanted.alias &&
         (!wanted.address || found.link.address == wanted.address) && (!wanted.mtu || found.link.mtu == wanted.mtu);
}

template <typename Set>
void subtract(const Set& from, const Set& what, std::vector<typename Set::value_type>& out) {
  std::ranges::set_difference(from, what, std::back_inserter(out));
}

class NamespaceDiff {
 public:
  NamespaceDiff(const std::string& name, const Namespace& wanted, const State& desired, const Observed& observed)
      : name_(name), wanted_(wanted), desired_(desired), observed_(observed) {
    const auto found = observed.namespaces.find(name);
    change_.create = found == observed.namespaces.end();
    if (!change_.create) found_ = found->second;
  }

  NamespaceChange result() {
    sysctls(wanted_.sysctls);
    links();
    neighbours();
    routes();
    subtract(found_.rules, wanted_.rules, change_.delete_rules);
    subtract(wanted_.rules, found_.rules, change_.add_rules);
    change_.set_ruleset = wanted_.ruleset != found_.ruleset;
    if (change_.set_ruleset && found_.ruleset) change_.loaded_ruleset = found_.ruleset->digest;
    processes();
    return std::move(change_);
  }

 private:
  void sysctls(const std::map<std::string, std::string>& wanted) {
    for (const auto& [path, value] : wanted) {
      const auto found = found_.sysctls.find(path);
      if (found == found_.sysctls.end() || found->second != value) change_.sysctls.emplace(path, value);
    }
  }

  /// The switch sets the forwarding of every link as well, wanted or not.
  bool switches_forwarding() const { return change_.sysctls.contains("ipv4/ip_forward"); }

  void links() {
    for (const auto& [name, found] : found_.links) {
      const auto wanted = wanted_.links.find(name);
      if (wanted == wanted_.links.end() || !intact(observed_, name_, name, wanted->second)) change_.delete_links.push_back(name);
    }
    // What is deleted takes its addresses, routes and neighbours along.
    for (const auto& name : change_.delete_links) {
      found_.links.erase(name);
      forget_routes_and_neighbours(name);
    }
    for (const auto& [name, wanted] : wanted_.links) link(name, wanted);
  }

  void forget_routes_and_neighbours(const std::string& link) {
    std::erase_if(found_.routes, [&](const Route& route) { return route.device == link; });
    std::erase_if(found_.neighbours, [&](const Neighbour& neighbour) { return neighbour.bridge == link; });
  }

  void link(const std::string& name, const Link& wanted) {
    const auto found = found_.links.find(name);
    const bool is_new = found == found_.links.end();
    if (is_new && makes_the_pair(name_, name, wanted, desired_)) change_.add_links.push_back(name);
    if (!is_new && found->second.link.master != wanted.master) change_.set_masters.push_back(name);
    if (is_new || !set_as_wanted(wanted, found->second) || switches_forwarding()) change_.set_links.push_back(name);
    const std::set<InterfaceAddress> none;
    const auto& there = is_new ? none : found->second.link.addresses;
    for (const auto& address : there)
      if (!wanted.addresses.contains(address)) change_.delete_addresses.emplace_back(name, address);
    for (const auto& address : wanted.addresses)
      if (!there.contains(address)) change_.add_addresses.emplace_back(name, address);
    // The kernel forgets routes and neighbours of a link that is without an address for a moment.
    const bool loses_all = std::ranges::none_of(there, [&](const auto& address) { return wanted.addresses.contains(address); });
    if (!there.empty() && loses_all) forget_routes_and_neighbours(name);
    if (is_new) {
      change_.sysctls.insert(wanted.sysctls.begin(), wanted.sysctls.end());
    } else {
      sysctls(wanted.sysctls);
    }
  }

  /// One whose port is made anew, or comes to the bridge again, is set again: the port's entry in the bridge's table went with it.
  void neighbours() {
    std::set<Neighbour> wanted;
    for (const auto& neighbour : wanted_.neighbours) {
      auto as_observed = neighbour;
      as_observed.port.clear();
      const auto port = found_.links.find(neighbour.port);
      const bool is_port = port != found_.links.end() && port->second.link.master == neighbour.bridge;
      if (!is_port || !found_.neighbours.contains(as_observed)) change_.add_neighbours.push_back(neighbour);
      wanted.insert(std::move(as_observed));
    }
    subtract(found_.neighbours, wanted, change_.delete_neighbours);
  }

  void routes() {
    subtract(wanted_.routes, found_.routes, change_.add_routes);
    subtract(found_.routes, wanted_.routes, change_.delete_routes);
    // Adding replaces the route for the same prefix in the same table: deleting it as well would delete the new one.
    std::erase_if(change_.delete_routes, [&](const Route& old) {
      return std::ranges::any_of(change_.add_routes,
                                 [&](const Route& r) { return r.table == old.table && r.destination == old.destination; });
    });
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
  ObservedNamespace found_;
  NamespaceChange change_;
};

}  // namespace

NamespaceChange diff(const std::string& name, const State& desired, const Observed& observed) {
  return NamespaceDiff{name, desired.namespaces.at(name), desired, observed}.result();
}

Plan diff(const State& desired, const Observed& observed) {
  Plan plan;
  plan.remove = observed.broken;
  std::erase_if(plan.remove, [&](const std::string& name) { return desired.namespaces.contains(name); });
  for (const auto& [name, found] : observed.namespaces) {
    const auto wanted = desired.namespaces.find(name);
    if (wanted == desired.namespaces.end()) plan.remove.push_back(name);
  }
  for (const auto& [name, wanted] : desired.namespaces) {
    auto change = diff(name, desired, observed);
    if (change != NamespaceChange{}) plan.change.emplace(name, std::move(change));
  }
  return plan;
}

}  // namespace netns
