// SPDX-License-Identifier: Apache-2.0
#include "netns/reconcile/link_diff.hpp"

#include <fmt/format.h>

namespace netns {
namespace {

constexpr std::uint32_t kLoopbackMtu = 65536;
constexpr InterfaceAddress kLoopbackAddress{{0x7f000001}, 8, true};

const ObservedLink* find(const Observed& observed, const std::string& name_space, const std::string& link) {
  const auto place = observed.namespaces.find(name_space);
  if (place == observed.namespaces.end()) return nullptr;
  const auto found = place->second.links.find(link);
  return found == place->second.links.end() ? nullptr : &found->second;
}

}  // namespace

Link loopback() {
  Link lo;
  lo.kind = LinkKind::Loopback;
  lo.mtu = kLoopbackMtu;
  lo.addresses = {kLoopbackAddress};
  return lo;
}

bool is_intact(const Observed& observed, const std::string& name_space, const std::string& name, const Link& wanted) {
  const auto* here = find(observed, name_space, name);
  if (here == nullptr || here->link.kind != wanted.kind || here->link.interface_id != wanted.interface_id) return false;
  if (!wanted.peer) return true;
  const auto* there = find(observed, wanted.peer->name_space, wanted.peer->link);
  return there != nullptr && here->peer_ifindex == there->ifindex && there->peer_ifindex == here->ifindex;
}

bool makes_the_pair(const std::string& name_space, const std::string& name, const Link& wanted, const State& desired) {
  if (!wanted.peer) return true;
  const auto& other = desired.namespaces.at(wanted.peer->name_space).links.at(wanted.peer->link);
  if (wanted.master.empty() != other.master.empty()) return !wanted.master.empty();
  return VethPeer{name_space, name} < *wanted.peer;
}

LinkChange link_change(const std::string& name, const Link& wanted, const ObservedLink& found, Custody custody) {
  LinkChange change{.link = name, .bring_up = !found.up, .reasons = {}};
  const bool is_lo = wanted.kind == LinkKind::Loopback;
  const auto compare = [&](const char* setting, const auto& is, const auto& should) {
    if (is != should) change.reasons.push_back(fmt::format("{} is {}", setting, is));
  };
  const auto compare_switch = [&](const char* setting, bool is, bool should) { compare(setting, is ? 1 : 0, should ? 1 : 0); };
  change.set_address = wanted.address && found.link.address != wanted.address;
  if (!is_lo && found.link.alias != wanted.alias) change.reasons.push_back(fmt::format("alias is '{}'", found.link.alias));
  if (custody == Custody::SelfConfigured) {
    if (wanted.forwards) compare_switch("forwarding", found.link.forwards, true);
    return change;
  }
  compare("mtu", found.link.mtu, wanted.mtu);
  if (!is_lo) {
    compare_switch("forwarding", found.link.forwards, wanted.forwards);
    compare_switch("proxy_arp", found.link.proxy_arp, wanted.proxy_arp);
    compare_switch("ipv6", found.link.ipv6, wanted.ipv6);
  }
  if (!wanted.master.empty() && found.link.master == wanted.master) compare_switch("isolated", found.link.isolated, wanted.isolated);
  if (found.link.master != wanted.master)
    change.reasons.push_back(found.link.master.empty() ? "it is no port of " + wanted.master : "it is a port of " + found.link.master);
  if (custody == Custody::Exclusive && !is_lo && found.without_ipv6 == false) change.reasons.emplace_back("disable_ipv6 is 0");
  for (const auto* off : {&found.off, &found.also_off}) change.reasons.insert(change.reasons.end(), off->begin(), off->end());
  change.stop_queueing = found.queues;
  change.stop_queueing_incoming = found.queues_incoming;
  return change;
}

}  // namespace netns
