// SPDX-License-Identifier: Apache-2.0
// netns/reconcile/reconcile.hpp — makes the kernel hold a desired state: observe, diff, apply, verify.
//
// Theory of operation. The kernel is the truth. `observe` reads what is there, `diff` (pure) says what is missing, wrong or left
// over, `apply` does that and no more. A process that is killed anywhere leaves a state that the next `observe` reads like any
// other, so there is nothing to recover: the same three steps finish the work. Undo is the same again with the old state as the
// desired one.
//
// The order of `apply` is forced:
//   1. processes stop, then links and namespaces go. A link is deleted before its namespace, since the kernel frees a namespace
//      later and its links with it;
//   2. namespaces are made, in parallel, with their switches (a link takes the defaults of the moment it is made in);
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

#include "netns/process/process.hpp"
#include "netns/state/state.hpp"

namespace netns {

/// What one namespace holds. Only the switches that `desired` names are read.
struct ObservedNamespace {
  std::map<std::string, std::string> sysctls;
  std::map<std::string, ObservedLink> links;
  std::set<Neighbour> neighbours;
  std::set<Route> routes;
  std::set<Rule> rules;
  std::optional<Ruleset> ruleset;
  std::map<std::string, std::string> processes;  ///< name -> digest

  bool operator==(const ObservedNamespace&) const = default;
};

struct Observed {
  std::map<std::string, ObservedNamespace> namespaces;
  std::vector<std::string> broken;  ///< names that a killed process left without a namespace behind them
};

/// What is to be done in one namespace. Names refer to the desired state.
struct NamespaceChange {
  bool create = false;
  std::map<std::string, std::string> sysctls;
  std::vector<std::string> delete_links;
  std::vector<std::string> add_links;    ///< bridges, and of a veth pair the end that is made first
  std::vector<std::string> set_masters;  ///< links that are there, on another bridge than theirs
  std::vector<std::string> set_links;    ///< new ones, and those that are down or set wrong
  std::vector<std::pair<std::string, InterfaceAddress>> delete_addresses;
  std::vector<std::pair<std::string, InterfaceAddress>> add_addresses;
  std::vector<Neighbour> delete_neighbours;
  std::vector<Neighbour> add_neighbours;
  std::vector<Route> delete_routes;
  std::vector<Route> add_routes;
  std::vector<Rule> delete_rules;
  std::vector<Rule> add_rules;
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
  std::map<std::string, NamespaceChange> change;

  bool empty() const { return remove.empty() && change.empty(); }
};

/// One line per step, as iproute2 would say it: `lab.a: add route 10.2.0.0/16 via 169.254.0.2 dev peer-b`.
std::vector<std::string> describe(const Plan& plan);

/// Reads every namespace whose name starts with `prefix`. @throws KernelError
Observed observe(std::string_view prefix, const State& desired, const ProcessRecords& processes);

/// What turns `observed` into `desired`. Pure.
Plan diff(const State& desired, const Observed& observed);
/// The same for one namespace of those that are desired.
NamespaceChange diff(const std::string& name, const State& desired, const Observed& observed);

/// Told of each stage of `apply` as it begins, in words: `creating 12 namespaces`.
using Progress = std::function<void(const std::string&)>;

/// @param previous  what was desired before: where a namespace still holds that ruleset, only the difference is loaded
/// @throws KernelError at the first refusal; what was done before it stays.
void apply(const Plan& plan, const State& desired, const State& previous, const ProcessRecords& processes, const Progress& progress = {});

/// Reads what `plan` touched once more and compares; what it did not touch is taken from `before`.
/// @throws std::runtime_error naming the first step that would still be needed
void verify(const Plan& plan, const State& desired, Observed before, const ProcessRecords& processes);

}  // namespace netns
