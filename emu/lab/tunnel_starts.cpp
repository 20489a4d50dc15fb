// SPDX-License-Identifier: Apache-2.0
#include "emu/lab/tunnel_starts.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "emu/fabric/names.hpp"
#include "emu/fabric/tunnel.hpp"
#include "emu/lab/daemons.hpp"
#include "emu/model/gateway_lookup.hpp"
#include "netns/ipsec/associations.hpp"
#include "netns/ipsec/daemon.hpp"
#include "netns/ipsec/status.hpp"

namespace emu {
namespace {

/// What a plan does to one end of a tunnel.
struct End {
  PlacedEnd placed;
  bool changed = false;  ///< its daemon is told of the tunnel, or of other settings for it
  bool started = false;  ///< its daemon starts

  bool touched() const { return changed || started; }
  bool initiates() const { return placed.tunnel.connection.initiates; }
};

using Ends = std::array<End, 2>;  // that of the connection's gateway first

bool starts_daemon(const netns::NamespaceChange& change) { return std::ranges::count(change.start_processes, kDaemonProcess) != 0; }

bool starts_daemon(const netns::Plan& plan, const std::string& name_space) {
  const auto change = plan.change.find(name_space);
  return change != plan.change.end() && starts_daemon(change->second);
}

/// What the connection of that name was; empty when there was none.
std::optional<std::array<PlacedEnd, 2>> ends_before(const Model* before, const std::string& name) {
  const auto* connection = before == nullptr ? nullptr : find_connection(*before, name);
  return connection == nullptr ? std::nullopt : ends_of(*before, *connection);
}

std::vector<Ends> all_ends(const Model* before, const Model& after, const netns::Plan& plan) {
  std::vector<Ends> found;
  for (const auto& connection : after.virtual_network_gateway_connections) {
    const auto ends = ends_of(after, connection);
    if (!ends) continue;
    const auto old = ends_before(before, connection.name);
    const auto end = [&](std::size_t i) {
      const auto& now = ends->at(i);
      const bool same = old && old->at(i).node == now.node && old->at(i).tunnel.connection == now.tunnel.connection;
      return End{now, !same, starts_daemon(plan, namespace_name(after.lab, now.node))};
    };
    found.push_back({end(0), end(1)});
  }
  return found;
}

enum class Start { Not, AsItIs, Anew };

/// What `end` has to do for its tunnel with `other`, now that both know everything.
Start what_to_start(const Ends& ends, const End& end, const End& other, Daemons& daemons) {
  if (!end.initiates() || end.started) return Start::Not;
  if (end.changed) return Start::AsItIs;
  if (other.touched()) return Start::Anew;
  if (daemons.keys_since({ends[0].placed, ends[1].placed})) return Start::Not;
  const auto answer = daemons.answer(end.placed);
  if (!answer) return Start::Not;
  switch (answer->state) {
    case netns::IpsecState::Established: return daemons.has_keys(end.placed) ? Start::Not : Start::Anew;
    case netns::IpsecState::Idle: return daemons.trouble(end.placed).empty() ? Start::AsItIs : Start::Not;
    case netns::IpsecState::Negotiating: return Start::Not;
  }
  return Start::Not;
}

}  // namespace

void forget_tunnels(const Model* before, const Model& after, const netns::Plan& plan) {
  const auto places = places_of(after.lab);
  for (const auto& ends : all_ends(before, after, plan)) {
    if (!ends[0].touched() && !ends[1].touched()) continue;
    for (const auto& end : ends) netns::forget_ipsec_trouble(daemon_folder(places, end.placed.node), end.placed.tunnel.connection.name);
  }
  for (const auto& [name, change] : plan.change)
    if (!change.create && starts_daemon(change)) netns::remove_security_associations(name);
}

void start_tunnels(const Model* before, const Model& after, const netns::Plan& plan) {
  const auto places = places_of(after.lab);
  const auto all = all_ends(before, after, plan);
  if (all.empty()) return;
  Daemons daemons{after.lab};
  for (const auto& ends : all) {
    for (std::size_t i = 0; i < ends.size(); ++i) {
      const auto what = what_to_start(ends, ends.at(i), ends.at(1 - i), daemons);
      if (what == Start::Not) continue;
      const auto& placed = ends.at(i).placed;
      netns::start_ipsec_connection(daemon_folder(places, placed.node), placed.tunnel.connection.name, what == Start::Anew);
    }
  }
}

}  // namespace emu
