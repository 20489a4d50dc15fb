// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "netns/base/error.hpp"
#include "netns/netlink/attributes.hpp"
#include "netns/netlink/dumps.hpp"
#include "netns/netlink/link_settings.hpp"
#include "netns/state/switches.hpp"

namespace netns {
namespace {

constexpr std::string_view kOwnQueueing = "noqueue";
constexpr unsigned kHasCarrier = 1U << 16U;  // IFF_LOWER_UP, whose header does not go with <net/if.h>

constexpr std::size_t kDisableIpv6 = 26;  // DEVCONF_DISABLE_IPV6 of <linux/ipv6.h>, which does not go with <net/if.h>

/// Of the array of a link's IPv6 switches.
std::optional<bool> ipv6_switch(const nlattr* switches, std::size_t place) {
  if (switches == nullptr || mnl_attr_get_payload_len(switches) < (place + 1) * sizeof(std::uint32_t)) return std::nullopt;
  std::uint32_t value = 0;
  std::memcpy(&value, static_cast<const char*>(mnl_attr_get_payload(switches)) + place * sizeof value, sizeof value);
  return value != 0;
}

void read_protocols(const nlattr* families, ObservedLink& observed) {
  const Attributes<AF_INET6> by_family{families};
  if (by_family[AF_INET] != nullptr) {
    const Attributes<IFLA_INET_MAX> ipv4{by_family[AF_INET]};
    if (ipv4[IFLA_INET_CONF] != nullptr) read_ipv4_switches(ipv4[IFLA_INET_CONF], observed);
  }
  if (by_family[AF_INET6] != nullptr) {
    const Attributes<IFLA_INET6_MAX> ipv6{by_family[AF_INET6]};
    const auto* mode = ipv6[IFLA_INET6_ADDR_GEN_MODE];
    observed.link.ipv6 = mode != nullptr && mnl_attr_get_u8(mode) != IN6_ADDR_GEN_MODE_NONE;
    observed.without_ipv6 = ipv6_switch(ipv6[IFLA_INET6_CONF], kDisableIpv6);
  }
}

Message link_request() {
  auto request = make_message(RTM_GETLINK, 0);
  append(request, ifinfomsg{});
  nla_put_u32(request.get(), IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  return request;
}

LinkKind link_kind(std::string_view kernel) {
  if (kernel == "veth") return LinkKind::Veth;
  if (kernel == "bridge") return LinkKind::Bridge;
  if (kernel == "xfrm") return LinkKind::Xfrm;
  return LinkKind::Other;
}

/// Devices that modules of tunnels put into every new namespace, where they stay (net.core.fb_tunnels_only_for_init_net).
bool is_fallback_device(std::string_view name) {
  constexpr std::array<std::string_view, 9> kNames{"tunl0", "gre0",    "gretap0", "erspan0", "ip_vti0",
                                                   "sit0",  "ip6tnl0", "ip6gre0", "ip6_vti0"};
  return std::ranges::find(kNames, name) != kNames.end();
}

/// Links as they come in, until every master's name is known.
class LinkList {
 public:
  void add(Socket::Answer messages) {
    for_each_message(messages, [&](const nlmsghdr* message) { add(message); });
  }

  /// Call it in the namespace itself: a master that was not listed is looked up there.
  std::map<std::string, ObservedLink> result() {
    for (const auto& [name, master] : masters_) {
      auto& known = names_[master];
      if (std::array<char, IF_NAMESIZE> text{}; known.empty() && ::if_indextoname(static_cast<unsigned>(master), text.data()) != nullptr)
        known = text.data();
      links_.at(name).link.master = known;
    }
    return std::move(links_);
  }

 private:
  void add(const nlmsghdr* message) {
    const auto& header = header_of<ifinfomsg>(message);
    const Attributes<IFLA_MAX> attributes{message, sizeof(ifinfomsg)};
    auto name = attributes.text(IFLA_IFNAME);
    if (is_fallback_device(name)) return;
    ObservedLink observed;
    observed.ifindex = header.ifi_index;
    observed.up = (header.ifi_flags & IFF_UP) != 0;
    observed.link.kind = (header.ifi_flags & IFF_LOOPBACK) != 0 ? LinkKind::Loopback : LinkKind::Other;
    if (attributes[IFLA_LINKINFO] != nullptr) read_kind(attributes, header, observed);
    observed.link.mtu = attributes.number(IFLA_MTU);
    observed.link.alias = attributes.text(IFLA_IFALIAS);
    if (observed.link.kind != LinkKind::Loopback) observed.link.address = link_address(attributes[IFLA_ADDRESS]);
    const bool may_lack_arp = observed.link.kind != LinkKind::Veth && observed.link.kind != LinkKind::Bridge;
    if ((header.ifi_flags & IFF_NOARP) != 0 && !may_lack_arp) observed.off.emplace_back("arp is off");
    if (const auto queueing = attributes.text(IFLA_QDISC); queueing != kOwnQueueing && !(queueing == "noop" && !observed.up)) {
      observed.off.push_back("qdisc is " + queueing);
      observed.queues = true;
    }
    if (const auto* xdp = attributes[IFLA_XDP]; xdp != nullptr) {
      const auto* attached = Attributes<IFLA_XDP_MAX>{xdp}[IFLA_XDP_ATTACHED];
      if (attached != nullptr && mnl_attr_get_u8(attached) != XDP_ATTACHED_NONE) observed.off.emplace_back("xdp is on");
    }
    if (attributes[IFLA_AF_SPEC] != nullptr) read_protocols(attributes[IFLA_AF_SPEC], observed);
    names_.emplace(observed.ifindex, name);
    if (const auto master = attributes.number(IFLA_MASTER); master != 0) masters_.emplace(name, static_cast<int>(master));
    links_.emplace(std::move(name), std::move(observed));
  }

  static void read_kind(const Attributes<IFLA_MAX>& attributes, const ifinfomsg& header, ObservedLink& observed) {
    const Attributes<IFLA_INFO_MAX> info{attributes[IFLA_LINKINFO]};
    observed.kernel_kind = info.text(IFLA_INFO_KIND);
    if (!observed.kernel_kind.empty()) observed.link.kind = link_kind(observed.kernel_kind);
    const auto* data = info[IFLA_INFO_DATA];
    if (observed.link.kind == LinkKind::Xfrm && data != nullptr)
      observed.link.interface_id = Attributes<IFLA_XFRM_MAX>{data}.number(IFLA_XFRM_IF_ID);
    if (observed.link.kind == LinkKind::Veth) observed.peer_ifindex = static_cast<int>(attributes.number(IFLA_LINK));
    if (observed.link.kind == LinkKind::Bridge && data != nullptr) read_bridge_options(data, observed);
    if (info[IFLA_INFO_SLAVE_DATA] != nullptr && info.text(IFLA_INFO_SLAVE_KIND) == "bridge")
      read_port_options(info[IFLA_INFO_SLAVE_DATA], (header.ifi_flags & kHasCarrier) != 0 && observed.up, observed);
  }

  std::map<std::string, ObservedLink> links_;
  std::unordered_map<int, std::string> names_;
  std::unordered_map<std::string, int> masters_;
};

std::unordered_map<int, ObservedLink*> by_index(std::map<std::string, ObservedLink>& links) {
  std::unordered_map<int, ObservedLink*> result;
  for (auto& [name, observed] : links) result.emplace(observed.ifindex, &observed);
  return result;
}

bool is_ipv6_loopback(const nlattr* address) {
  const in6_addr loopback = IN6ADDR_LOOPBACK_INIT;
  return address != nullptr && mnl_attr_get_payload_len(address) == sizeof loopback &&
         std::memcmp(mnl_attr_get_payload(address), &loopback, sizeof loopback) == 0;
}

}  // namespace

std::map<std::string, ObservedLink> dump_links(Socket& socket) {
  LinkList list;
  list.add(socket.dump(link_request(), "list links"));
  return list.result();
}

std::map<std::string, ObservedLink> read_links(Socket& socket, const std::vector<std::string>& names) {
  LinkList list;
  for (const auto& name : names) {
    const auto request = link_request();
    nla_put_string(request.get(), IFLA_IFNAME, name.c_str());
    try {
      list.add(socket.get(request, "read link " + name));
    } catch (const KernelError& error) {
      if (error.code() != std::errc::no_such_device) throw;
    }
  }
  return list.result();
}

void dump_addresses(Socket& socket, std::map<std::string, ObservedLink>& links) {
  for (auto& [name, link] : links) {
    link.link.addresses.clear();
    link.foreign_addresses.clear();
  }
  const auto owners = by_index(links);
  const auto request = make_message(RTM_GETADDR, 0);
  append(request, ifaddrmsg{});  // of every family
  bool has_ipv6_loopback = false;
  for_each_message(socket.dump(request, "list addresses"), [&](const nlmsghdr* message) {
    const auto& address = header_of<ifaddrmsg>(message);
    const auto owner = owners.find(static_cast<int>(address.ifa_index));
    if (owner == owners.end()) return;
    const Attributes<IFA_MAX> attributes{message, sizeof(ifaddrmsg)};
    if (address.ifa_family == AF_INET6) has_ipv6_loopback = has_ipv6_loopback || is_ipv6_loopback(attributes[IFA_ADDRESS]);
    if (address.ifa_family != AF_INET) return;
    const InterfaceAddress found{attributes.address(IFA_LOCAL), address.ifa_prefixlen,
                                 (attributes.number(IFA_FLAGS) & IFA_F_NOPREFIXROUTE) == 0};
    owner->second->link.addresses.insert(found);
    if (attributes.octet(IFA_PROTO) != kOurProtocol) owner->second->foreign_addresses.insert(found);
  });
  const auto lo = links.find("lo");
  if (lo != links.end() && lo->second.without_ipv6 == false && lo->second.up && !has_ipv6_loopback)
    lo->second.also_off.emplace_back(kNoIpv6Loopback);
}

void dump_ingress(Socket& socket, std::map<std::string, ObservedLink>& links) {
  const auto owners = by_index(links);
  const auto request = make_message(RTM_GETQDISC, 0);
  append(request, tcmsg{});
  for_each_message(socket.dump(request, "list queueing disciplines"), [&](const nlmsghdr* message) {
    const auto& header = header_of<tcmsg>(message);
    const auto owner = owners.find(header.tcm_ifindex);
    if (header.tcm_parent != TC_H_INGRESS || owner == owners.end()) return;
    owner->second->also_off.push_back("qdisc is also " + Attributes<TCA_MAX>{message, sizeof(tcmsg)}.text(TCA_KIND));
    owner->second->queues_incoming = true;
  });
}

void dump_neighbour_settings(Socket& socket, std::map<std::string, ObservedLink>& links) {
  const auto owners = by_index(links);
  const auto request = make_message(RTM_GETNEIGHTBL, 0);
  ndtmsg header{};
  header.ndtm_family = AF_INET;
  append(request, header);
  for_each_message(socket.dump(request, "list settings of neighbours"), [&](const nlmsghdr* message) {
    const Attributes<NDTA_MAX> table{message, sizeof(ndtmsg)};
    if (table[NDTA_PARMS] == nullptr) return;
    const Attributes<NDTPA_MAX> settings{table[NDTA_PARMS]};
    const auto owner = owners.find(static_cast<int>(settings.number(NDTPA_IFINDEX)));
    if (owner == owners.end() || owner->second->link.kind == LinkKind::Loopback) return;
    const auto compare = [&](const char* name, std::uint64_t found, std::uint64_t wanted) {
      if (found != wanted) owner->second->also_off.push_back(fmt::format("{} is {}", name, found));
    };
    compare("mcast_solicit", settings.number(NDTPA_MCAST_PROBES), neighbour_settings().at("mcast_solicit"));
    compare("ucast_solicit", settings.number(NDTPA_UCAST_PROBES), neighbour_settings().at("ucast_solicit"));
    const auto* delay = settings[NDTPA_PROXY_DELAY];
    if (owner->second->link.proxy_arp && delay != nullptr) compare("proxy_delay", mnl_attr_get_u64(delay), 0);
  });
}

}  // namespace netns
