// SPDX-License-Identifier: Apache-2.0
#include "netns/state/switches.hpp"

#include <array>
#include <utility>

namespace netns {
namespace {

using Named = std::pair<const char*, const char*>;

/// Under `ipv4/conf/all` and `ipv4/conf/default`. Those that every link of ours has by itself are in netlink/link_settings.cpp.
constexpr std::array kOfEveryLink{
    Named{"accept_local", "0"},
    Named{"arp_accept", "0"},
    Named{"arp_announce", "0"},
    Named{"arp_filter", "0"},
    Named{"arp_ignore", "0"},
    Named{"drop_gratuitous_arp", "0"},
    Named{"drop_unicast_in_l2_multicast", "0"},
    Named{"ignore_routes_with_linkdown", "0"},
    Named{"proxy_arp", "0"},
    Named{"proxy_arp_pvlan", "0"},
    Named{"route_localnet", "0"},
    Named{"rp_filter", "0"},
    Named{"src_valid_mark", "0"},
};

constexpr std::array kOfTheNamespace{
    Named{"ipv4/conf/all/accept_source_route", "0"},
    Named{"ipv4/fwmark_reflect", "0"},
    Named{"ipv4/icmp_echo_ignore_all", "0"},
    Named{"ipv4/ip_default_ttl", "64"},
    Named{"ipv4/ip_forward", "0"},
    Named{"ipv4/ip_no_pmtu_disc", "0"},
    Named{"ipv4/ip_nonlocal_bind", "0"},
    Named{"ipv4/tcp_fwmark_accept", "0"},
};

/// No link there gives itself an address of IPv6, nor is to hear of one; and what crosses a bridge meets rules when it is routed, once.
constexpr std::array kOfAnExclusiveOne{
    Named{"bridge/bridge-nf-call-arptables", "0"},
    Named{"bridge/bridge-nf-call-ip6tables", "0"},
    Named{"bridge/bridge-nf-call-iptables", "0"},
    Named{"ipv6/conf/default/disable_ipv6", "1"},
};

/// Of one that forwards. Elsewhere there is nobody to send one.
constexpr std::array kOfARouter{Named{"accept_redirects", "0"}, Named{"send_redirects", "0"}};

constexpr std::array kStopTraffic{"ipv4/conf/all/arp_filter", "ipv4/conf/all/arp_ignore", "ipv4/icmp_echo_ignore_all"};

void add_of_every_link(const std::string& folder, Switches& switches) {
  for (const auto& [name, value] : kOfEveryLink) switches.emplace(folder + name, value);
  const auto forwarding = switches.find("ipv4/ip_forward");
  if (forwarding == switches.end() || forwarding->second == "0") return;
  for (const auto& [name, value] : kOfARouter) switches.emplace(folder + name, value);
}

void add_of_the_namespace(Switches& switches) {
  for (const auto& [path, value] : kOfTheNamespace) switches.emplace(path, value);
}

void add_exclusive(const Namespace& wanted, Switches& switches) {
  if (wanted.custody != Custody::Exclusive) return;
  for (const auto& [path, value] : kOfAnExclusiveOne) switches.emplace(path, value);
}

}  // namespace

Switches initial_switches(const Namespace& wanted) {
  auto switches = wanted.sysctls;
  add_of_the_namespace(switches);
  add_of_every_link("ipv4/conf/all/", switches);
  if (wanted.custody != Custody::Exclusive) add_of_every_link("ipv4/conf/default/", switches);  // for links that others make
  add_exclusive(wanted, switches);
  return switches;
}

Switches watched_switches(const Namespace& wanted) {
  auto switches = wanted.sysctls;
  if (wanted.custody == Custody::SelfConfigured) return switches;
  if (wanted.custody == Custody::Shared) {
    for (const auto* path : kStopTraffic) switches.emplace(path, "0");
    return switches;
  }
  add_of_the_namespace(switches);
  add_of_every_link("ipv4/conf/all/", switches);
  add_exclusive(wanted, switches);
  return switches;
}

const std::map<std::string, unsigned>& neighbour_settings() {
  static const std::map<std::string, unsigned> settings{{"mcast_solicit", 3}, {"ucast_solicit", 3}};
  return settings;
}

}  // namespace netns
