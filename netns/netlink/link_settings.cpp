// SPDX-License-Identifier: Apache-2.0
#include "netns/netlink/link_settings.hpp"

#include <fmt/format.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <netlink/attr.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <new>

namespace netns {
namespace {

void must_fit(int result) {
  if (result < 0) throw std::bad_alloc();
}

struct Ipv4Switch {
  int number;
  const char* name;
  std::uint32_t value;
};

constexpr std::array kIpv4Switches{
    Ipv4Switch{IPV4_DEVCONF_ACCEPT_REDIRECTS, "accept_redirects", 0},
    Ipv4Switch{IPV4_DEVCONF_SECURE_REDIRECTS, "secure_redirects", 0},
    Ipv4Switch{IPV4_DEVCONF_SEND_REDIRECTS, "send_redirects", 0},
    Ipv4Switch{IPV4_DEVCONF_SHARED_MEDIA, "shared_media", 1},
    Ipv4Switch{IPV4_DEVCONF_RP_FILTER, "rp_filter", 0},
    Ipv4Switch{IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE, "accept_source_route", 0},
    Ipv4Switch{IPV4_DEVCONF_BOOTP_RELAY, "bootp_relay", 0},
    Ipv4Switch{IPV4_DEVCONF_ARPFILTER, "arp_filter", 0},
    Ipv4Switch{IPV4_DEVCONF_MEDIUM_ID, "medium_id", 0},
    Ipv4Switch{IPV4_DEVCONF_ARP_ANNOUNCE, "arp_announce", 0},
    Ipv4Switch{IPV4_DEVCONF_ARP_IGNORE, "arp_ignore", 0},
    Ipv4Switch{IPV4_DEVCONF_ARP_ACCEPT, "arp_accept", 0},
    Ipv4Switch{IPV4_DEVCONF_ARP_NOTIFY, "arp_notify", 0},
    Ipv4Switch{IPV4_DEVCONF_ACCEPT_LOCAL, "accept_local", 0},
    Ipv4Switch{IPV4_DEVCONF_SRC_VMARK, "src_valid_mark", 0},
    Ipv4Switch{IPV4_DEVCONF_ROUTE_LOCALNET, "route_localnet", 0},
    Ipv4Switch{IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN, "ignore_routes_with_linkdown", 0},
    Ipv4Switch{IPV4_DEVCONF_DROP_UNICAST_IN_L2_MULTICAST, "drop_unicast_in_l2_multicast", 0},
    Ipv4Switch{IPV4_DEVCONF_DROP_GRATUITOUS_ARP, "drop_gratuitous_arp", 0},
};

/// Not of `lo`, which the kernel sets otherwise.
constexpr std::array kIpsecSwitches{Ipv4Switch{IPV4_DEVCONF_NOXFRM, "disable_xfrm", 0},
                                    Ipv4Switch{IPV4_DEVCONF_NOPOLICY, "disable_policy", 0}};

/// An option of a bridge or a port: a number of 1, 2 or 4 bytes.
struct Option {
  int attribute;
  const char* name;
  std::uint32_t value;
  unsigned bytes = 1;
};

constexpr std::array kBridgeOptions{
    Option{IFLA_BR_AGEING_TIME, "ageing_time", 30000, 4},      Option{IFLA_BR_STP_STATE, "stp_state", 0, 4},
    Option{IFLA_BR_VLAN_FILTERING, "vlan_filtering", 0},       Option{IFLA_BR_MCAST_SNOOPING, "mcast_snooping", 1},
    Option{IFLA_BR_GROUP_FWD_MASK, "group_fwd_mask", 0, 2},    Option{IFLA_BR_NF_CALL_IPTABLES, "nf_call_iptables", 0},
    Option{IFLA_BR_NF_CALL_IP6TABLES, "nf_call_ip6tables", 0}, Option{IFLA_BR_NF_CALL_ARPTABLES, "nf_call_arptables", 0},
};

/// Options of a port, whatever it is.
constexpr std::array kPortOptions{
    Option{IFLA_BRPORT_MODE, "hairpin", 0},
    Option{IFLA_BRPORT_GUARD, "bpdu_guard", 0},
    Option{IFLA_BRPORT_PROTECT, "root_block", 0},
    Option{IFLA_BRPORT_FAST_LEAVE, "fastleave", 0},
    Option{IFLA_BRPORT_PROXYARP, "proxy_arp", 0},
    Option{IFLA_BRPORT_PROXYARP_WIFI, "proxy_arp_wifi", 0},
    Option{IFLA_BRPORT_MCAST_TO_UCAST, "mcast_to_unicast", 0},
    Option{IFLA_BRPORT_NEIGH_SUPPRESS, "neigh_suppress", 0},
    Option{IFLA_BRPORT_VLAN_TUNNEL, "vlan_tunnel", 0},
    Option{IFLA_BRPORT_LOCKED, "locked", 0},
};

/// Options of a port that are on unless it is isolated.
constexpr std::array kOpenPortOptions{
    Option{IFLA_BRPORT_LEARNING, "learning", 1},
    Option{IFLA_BRPORT_UNICAST_FLOOD, "flood", 1},
    Option{IFLA_BRPORT_MCAST_FLOOD, "mcast_flood", 1},
    Option{IFLA_BRPORT_BCAST_FLOOD, "bcast_flood", 1},
};

constexpr const char* kPortState = "state";

void put(const Message& message, const Option& option) {
  if (option.bytes == 1) must_fit(nla_put_u8(message.get(), option.attribute, static_cast<std::uint8_t>(option.value)));
  if (option.bytes == 2) must_fit(nla_put_u16(message.get(), option.attribute, static_cast<std::uint16_t>(option.value)));
  if (option.bytes == 4) must_fit(nla_put_u32(message.get(), option.attribute, option.value));
}

/// The numbers in a nest, by attribute.
std::map<int, std::uint32_t> numbers_in(const nlattr* nest) {
  std::map<int, std::uint32_t> numbers;
  mnl_attr_parse_nested(
      nest,
      [](const nlattr* attribute, void* out) {
        const auto size = mnl_attr_get_payload_len(attribute);
        std::uint32_t value = 0;
        if (size == 1) value = mnl_attr_get_u8(attribute);
        if (size == 2) value = mnl_attr_get_u16(attribute);
        if (size == 4) value = mnl_attr_get_u32(attribute);
        (*static_cast<std::map<int, std::uint32_t>*>(out))[mnl_attr_get_type(attribute)] = value;
        return MNL_CB_OK;
      },
      &numbers);
  return numbers;
}

bool is_off(const Option& option, const std::vector<std::string>& off) {
  return std::ranges::any_of(off, [start = fmt::format("{} is ", option.name)](const std::string& one) { return one.starts_with(start); });
}

/// An option that the kernel does not know cannot be wrong.
void compare(const std::map<int, std::uint32_t>& found, const Option& option, std::uint32_t wanted, std::vector<std::string>& off) {
  const auto value = found.find(option.attribute);
  if (value != found.end() && value->second != wanted) off.push_back(fmt::format("{} is {}", option.name, value->second));
}

}  // namespace

void put_ipv4_switches(const Message& message, const Link& link) {
  const auto put_switch = [&](int number, std::uint32_t value) { must_fit(nla_put_u32(message.get(), number, value)); };
  for (const auto& one : kIpv4Switches) put_switch(one.number, one.value);
  if (link.kind == LinkKind::Loopback) return;
  for (const auto& one : kIpsecSwitches) put_switch(one.number, one.value);
  put_switch(IPV4_DEVCONF_FORWARDING, link.forwards ? 1 : 0);
  put_switch(IPV4_DEVCONF_PROXY_ARP, link.proxy_arp ? 1 : 0);
  put_switch(IPV4_DEVCONF_PROXY_ARP_PVLAN, link.proxy_arp ? 1 : 0);
}

void read_ipv4_switches(const nlattr* switches, ObservedLink& observed) {
  // An array of every switch, in the order of IPV4_DEVCONF_*, which counts from 1.
  const std::size_t count = mnl_attr_get_payload_len(switches) / sizeof(std::uint32_t);
  const auto value_of = [&](int number, std::uint32_t if_unknown) {
    const auto place = static_cast<std::size_t>(number) - 1;
    if (place >= count) return if_unknown;
    std::uint32_t value = 0;
    std::memcpy(&value, static_cast<const char*>(mnl_attr_get_payload(switches)) + place * sizeof value, sizeof value);
    return value;
  };
  const auto compare_switch = [&](const Ipv4Switch& one) {
    if (const auto value = value_of(one.number, one.value); value != one.value)
      observed.off.push_back(fmt::format("{} is {}", one.name, value));
  };
  for (const auto& one : kIpv4Switches) compare_switch(one);
  if (observed.link.kind == LinkKind::Loopback) return;
  for (const auto& one : kIpsecSwitches) compare_switch(one);
  observed.link.forwards = value_of(IPV4_DEVCONF_FORWARDING, 0) != 0;
  observed.link.proxy_arp = value_of(IPV4_DEVCONF_PROXY_ARP, 0) != 0;
  if (const bool for_ports = value_of(IPV4_DEVCONF_PROXY_ARP_PVLAN, 0) != 0; for_ports != observed.link.proxy_arp)
    observed.off.push_back(fmt::format("proxy_arp_pvlan is {}", for_ports ? 1 : 0));
}

void put_bridge_options(const Message& message, const std::vector<std::string>& off) {
  for (const auto& option : kBridgeOptions)
    if (is_off(option, off)) put(message, option);
}

void read_bridge_options(const nlattr* options, ObservedLink& observed) {
  const auto found = numbers_in(options);
  for (const auto& option : kBridgeOptions) compare(found, option, option.value, observed.off);
}

void put_port_options(const Message& message, const Link& link, const std::vector<std::string>& off) {
  must_fit(nla_put_u8(message.get(), IFLA_BRPORT_ISOLATED, link.isolated ? 1 : 0));
  for (const auto& option : kPortOptions)
    if (is_off(option, off)) put(message, option);
  for (auto option : kOpenPortOptions) {
    option.value = link.isolated ? 0 : 1;
    put(message, option);
  }
}

void read_port_options(const nlattr* options, bool has_carrier, ObservedLink& observed) {
  const auto found = numbers_in(options);
  const auto isolated = found.find(IFLA_BRPORT_ISOLATED);
  observed.link.isolated = isolated != found.end() && isolated->second != 0;
  for (const auto& option : kPortOptions) compare(found, option, option.value, observed.off);
  for (const auto& option : kOpenPortOptions) compare(found, option, observed.link.isolated ? 0 : 1, observed.off);
  const auto state = found.find(IFLA_BRPORT_STATE);
  if (has_carrier && state != found.end() && state->second != BR_STATE_FORWARDING)
    observed.off.push_back(fmt::format("{} is {}", kPortState, state->second));
}

}  // namespace netns
