// SPDX-License-Identifier: Apache-2.0
#include "emu/lab/daemons.hpp"

#include <algorithm>
#include <tuple>

#include "emu/fabric/names.hpp"

namespace emu {
namespace {

/// When the oldest of the keys from `from` to `to` was made that both kernels have.
std::optional<std::chrono::sys_seconds> oldest(const netns::SecurityAssociations& here, const netns::SecurityAssociations& there,
                                               Ipv4Address from, Ipv4Address to) {
  std::optional<std::chrono::sys_seconds> since;
  for (const auto& [association, made] : here) {
    if (association.source != from || association.destination != to || !there.contains(association)) continue;
    since = std::min(since.value_or(made), made);
  }
  return since;
}

}  // namespace

bool Daemons::run_at(const PlacedEnd& end) const {
  const auto found = running_.find(namespace_name(lab_, end.node));
  return found != running_.end() && found->second.contains(std::string(kDaemonProcess));
}

const std::string& Daemons::trouble(const PlacedEnd& end) {
  const auto [known, is_new] = troubles_.try_emplace(end.node);
  if (is_new) known->second = netns::ipsec_troubles(daemon_folder(places_, end.node));
  return known->second[end.tunnel.connection.name];
}

std::optional<netns::IpsecStatus> Daemons::answer(const PlacedEnd& end) {
  const auto [known, is_new] = answers_.try_emplace(end.node);
  if (is_new) known->second = netns::ipsec_status(daemon_folder(places_, end.node));
  if (!known->second) return std::nullopt;
  const auto found = known->second->find(end.tunnel.connection.name);
  return found == known->second->end() ? std::nullopt : std::optional(found->second);
}

bool Daemons::has_keys(const PlacedEnd& end) {
  const auto& all = keys(end.node);
  const auto& [local, remote] = std::tie(end.tunnel.connection.local, end.tunnel.connection.remote);
  return oldest(all, all, local, remote) && oldest(all, all, remote, local);
}

std::optional<std::chrono::sys_seconds> Daemons::keys_since(const std::array<PlacedEnd, 2>& ends) {
  const auto& here = keys(ends[0].node);
  const auto& there = keys(ends[1].node);
  const auto& [local, remote] = std::tie(ends[0].tunnel.connection.local, ends[0].tunnel.connection.remote);
  const auto out = oldest(here, there, local, remote);
  return out && oldest(here, there, remote, local) ? out : std::nullopt;
}

const netns::SecurityAssociations& Daemons::keys(const std::string& node) {
  const auto [known, is_new] = keys_.try_emplace(node);
  if (is_new) known->second = netns::security_associations(namespace_name(lab_, node));
  return known->second;
}

}  // namespace emu
