// SPDX-License-Identifier: Apache-2.0
// netns/reconcile/reconcile.hpp — makes the kernel hold a desired state: observe, diff, apply, verify.
//
// Theory of operation. The kernel is the truth. `observe` reads what is there, `diff` (pure) says what is missing, wrong or left
// over, `apply` does that and no more. A process that is killed anywhere leaves a state that the next `observe` reads like any
// other, so there is nothing to recover: the same three steps finish the work. Undo is the same again with the old state as the
// desired one. For that, whatever `apply` sets is read back and compared each time: a link that is there is not for that as it should be.
//
// Ours is a namespace that is recorded (namespace/records.hpp). What others made is told from what is ours by its mark: the protocol
// number of routes and rules, the alias of links. Whether it goes or stays says the namespace's custody; where it stays and is in the way,
// the plan says so.
//
// The order of `apply` is forced:
//   1. processes stop, then links and namespaces go. A link is deleted before its namespace, since the kernel frees a namespace
//      later and its links with it;
//   2. namespaces are made, in parallel. One has its name when all its switches are set: one with a name is complete;
//   3. links are made, one thread per namespace that makes them: bridges first, since their ports name them;
//   4. inside every namespace, in parallel: the ruleset before any link is up, so that no packet passes unfiltered; then
//      addresses and links, then neighbours and routes, and rules last, so that no packet looks up a table that is still empty;
//   5. processes start, and those that go on are told what changed.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netns/namespace/records.hpp"
#include "netns/process/process.hpp"
#include "netns/state/state.hpp"

namespace netns {

/// What the kernel cannot tell of a state's namespaces.
struct Records {
  NamespaceRecords namespaces;
  ProcessRecords processes;
};

/// What one namespace holds. Only the switches that are watched are read.
struct ObservedNamespace {
  std::map<std::string, std::string> sysctls;
  std::map<std::string, ObservedLink> links;
  std::set<Neighbour> neighbours;
  std::set<BridgeEntry> bridge_entries;
  std::set<Route> routes;         ///< ours
  std::set<Route> kernel_routes;  ///< those that the kernel makes for an address
  std::set<Rule> rules;           ///< ours
  std::set<Rule> kernel_rules;    ///< of those that are in every namespace
  std::set<Foreign> foreign_routes;
  std::set<Foreign> foreign_rules;
  std::optional<Ruleset> ruleset;
  std::map<std::string, std::string> processes;  ///< name -> digest

  bool operator==(const ObservedNamespace&) const = default;
};

struct Observed {
  std::map<std::string, ObservedNamespace> namespaces;  ///< ours, under their names
  std::vector<std::string> broken;                      ///< names of ours that a killed process left without a namespace behind them
  std::vector<std::string> lost;                        ///< recorded, and not to be found under their names
  std::vector<std::string> strangers;                   ///< names that stand for something that is not ours
};

/// A link that is there and is to be set.
struct LinkChange {
  std::string link;
  bool is_new = false;
  bool bring_up = false;
  bool set_address = false;
  bool stop_queueing = false;
  bool stop_queueing_incoming = false;
  std::vector<std::string> reasons;  ///< what is wrong besides: `mtu is 1300`

  bool operator==(const LinkChange&) const = default;
};

/// A route that the kernel makes for an address.
struct KernelRoute {
  Route route;
  Ipv4Address source;

  auto operator<=>(const KernelRoute&) const = default;
};

/// What is to be done in one namespace. Names refer to the desired state.
struct NamespaceChange {
  bool create = false;
  std::map<std::string, std::string> sysctls;
  std::vector<std::string> delete_links;
  std::vector<std::string> add_links;    ///< bridges, and of a veth pair the end that is made first
  std::vector<std::string> set_masters;  ///< links that are there, on another bridge than theirs
  std::vector<LinkChange> set_links;     ///< new ones, and those that are down or set wrong
  std::vector<std::pair<std::string, InterfaceAddress>> delete_addresses;
  std::vector<std::pair<std::string, InterfaceAddress>> add_addresses;
  /// Somebody else's, beside one of ours that goes: deleted as well, else the kernel would send from them, and given back.
  std::vector<std::pair<std::string, InterfaceAddress>> return_addresses;
  std::vector<Neighbour> delete_neighbours;
  std::vector<Neighbour> add_neighbours;
  std::vector<BridgeEntry> delete_bridge_entries;
  std::vector<BridgeEntry> add_bridge_entries;
  std::vector<Route> delete_routes;
  std::vector<Route> add_routes;
  std::vector<KernelRoute> add_kernel_routes;
  std::vector<Foreign> delete_foreign_routes;
  std::vector<Rule> delete_rules;
  std::vector<Rule> add_rules;
  std::vector<Rule> add_kernel_rules;
  std::vector<Foreign> delete_foreign_rules;
  bool set_ruleset = false;
  std::string loaded_ruleset;  ///< digest of what is there now; empty when nothing is
  std::vector<std::string> stop_processes;
  std::vector<std::string> start_processes;
  std::vector<std::string> reread_processes;  ///< those that go on, with other files or links than before

  bool operator==(const NamespaceChange&) const = default;
};

struct Plan {
  using Change = std::pair<const std::string, NamespaceChange>;

  std::vector<std::string> remove;  ///< namespaces
  std::vector<std::string> bury;    ///< namespaces that have lost their names: what runs in them ends
  std::map<std::string, NamespaceChange> change;
  /// What others made that is in the way, one line each, and that only they can take away: `apply` refuses.
  std::vector<std::string> obstacles;
  /// What others made that may turn packets away from where they should go, one line each; it stays.
  std::vector<std::string> notes;

  bool empty() const { return remove.empty() && bury.empty() && change.empty(); }
};

/// One line per step, as iproute2 would say it: `lab.a: add route 10.2.0.0/16 via 169.254.0.2 dev peer-b`.
std::vector<std::string> step_lines(const Plan& plan);

/// Reads every namespace of ours. Whose name starts with `prefix` and is not ours is a stranger.
/// @throws KernelError when something cannot be read: that is not the same as nothing there
Observed observe(std::string_view prefix, const State& desired, const Records& records);

/// What turns `observed` into `desired`. Pure.
Plan diff(const State& desired, const Observed& observed);
/// The same for those of `names` alone, which are desired.
Plan diff(const State& desired, const Observed& observed, const std::vector<std::string>& names);

/// What removes everything that is recorded, without a look at what it holds. @throws KernelError
Plan removal(const Records& records);

/// Told of each stage of `apply` as it begins, in words: `creating 12 namespaces`.
using Progress = std::function<void(const std::string&)>;

/// @param previous  what was desired before: where a namespace still holds that ruleset, only the difference is loaded
/// @throws std::runtime_error naming the obstacles, when there are any; nothing was done
/// @throws KernelError at the first refusal; what was done before it stays.
void apply(const Plan& plan, const State& desired, const State& previous, const Records& records, const Progress& progress = {});

/// Reads what `plan` touched once more and compares; what it did not touch is taken from `before`. The kernel gets a moment: some of what
/// it does after a change it does later.
/// @throws std::runtime_error naming the steps that would still be needed
void verify(const Plan& plan, const State& desired, Observed before, const Records& records);

}  // namespace netns
