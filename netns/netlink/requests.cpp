// SPDX-License-Identifier: Apache-2.0
#include "netns/netlink/requests.hpp"

#include <fmt/format.h>
#include <linux/fib_rules.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/neighbour.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/route/addr.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>

#include <unistd.h>

#include <cstring>
#include <new>

#include "netns/netlink/link_settings.hpp"
#include "netns/state/switches.hpp"

namespace netns {
namespace {

using NlAddress = std::unique_ptr<nl_addr, Releases<nl_addr_put>>;

void check(int result) {
  if (result < 0) throw std::bad_alloc();  // building a message fails for want of memory alone
}

NlAddress nl_address(Ipv4Address address, int prefix_length) {
  const std::uint32_t value = htonl(address.value);
  NlAddress result{nl_addr_build(AF_INET, &value, sizeof value)};
  if (!result) throw std::bad_alloc();
  nl_addr_set_prefixlen(result.get(), prefix_length);
  return result;
}

/// An attribute that holds attributes; it ends with its scope.
class Nest {
 public:
  Nest(const Message& message, int type) : message_(message), start_(nla_nest_start(message.get(), type)) {
    if (start_ == nullptr) throw std::bad_alloc();
  }
  Nest(const Nest&) = delete;
  Nest& operator=(const Nest&) = delete;
  ~Nest() { nla_nest_end(message_.get(), start_); }

 private:
  const Message& message_;
  nlattr* start_;
};

void put_name(const Message& message, const std::string& name) { check(nla_put_string(message.get(), IFLA_IFNAME, name.c_str())); }

void put_address(const Message& message, const Link& link) {
  if (link.address) check(nla_put(message.get(), IFLA_ADDRESS, static_cast<int>(link.address->bytes.size()), link.address->bytes.data()));
}

void put_name_and_address(const Message& message, const std::string& name, const Link& link) {
  put_name(message, name);
  put_address(message, link);
}

/// One queue is enough for a virtual link and costs least; the kernel's default is one for each processor.
void put_one_queue(const Message& message) {
  check(nla_put_u32(message.get(), IFLA_NUM_TX_QUEUES, 1));
  check(nla_put_u32(message.get(), IFLA_NUM_RX_QUEUES, 1));
}

constexpr Ipv4Prefix kLoopbackRange{{0x7f000000}, 8};

Message address_message(int type, int flags, int ifindex, const InterfaceAddress& address, bool is_ours) {
  auto message = make_message(type, flags);
  ifaddrmsg header{};
  header.ifa_family = AF_INET;
  header.ifa_prefixlen = static_cast<std::uint8_t>(address.prefix_length);
  header.ifa_index = static_cast<std::uint32_t>(ifindex);
  if (kLoopbackRange.contains(address.address)) header.ifa_scope = RT_SCOPE_HOST;  // as the kernel gives it to `lo`
  append(message, header);
  const auto value = nl_address(address.address, address.prefix_length);
  check(nla_put_addr(message.get(), IFA_LOCAL, value.get()));
  check(nla_put_addr(message.get(), IFA_ADDRESS, value.get()));
  if (!address.prefix_route) check(nla_put_u32(message.get(), IFA_FLAGS, IFA_F_NOPREFIXROUTE));
  if (is_ours) check(nla_put_u8(message.get(), IFA_PROTO, kOurProtocol));
  return message;
}

/// A message of its own before the link comes up: in one message the kernel would bring it up first.
void set_protocols(Socket& socket, const std::string& name, const Link& link) {
  static const bool kernel_has_ipv6 = ::access("/proc/sys/net/ipv6", F_OK) == 0;
  const auto message = make_message(RTM_SETLINK, 0);
  append(message, ifinfomsg{});
  check(nla_put_string(message.get(), IFLA_IFNAME, name.c_str()));
  {
    const Nest families{message, IFLA_AF_SPEC};
    {
      const Nest ipv4{message, AF_INET};
      const Nest conf{message, IFLA_INET_CONF};
      put_ipv4_switches(message, link);
    }
    if (kernel_has_ipv6 && link.kind != LinkKind::Loopback) {
      const Nest ipv6{message, AF_INET6};
      check(nla_put_u8(message.get(), IFLA_INET6_ADDR_GEN_MODE, link.ipv6 ? IN6_ADDR_GEN_MODE_EUI64 : IN6_ADDR_GEN_MODE_NONE));
    }
  }
  socket.add(message, fmt::format("set switches of link {}", name));
}

Message neighbour_message(int type, int flags, std::uint8_t family, int ifindex, std::uint16_t state) {
  auto message = make_message(type, flags);
  ndmsg header{};
  header.ndm_family = family;
  header.ndm_ifindex = ifindex;
  header.ndm_state = state;
  if (family == AF_BRIDGE) header.ndm_flags = NTF_MASTER;
  append(message, header);
  return message;
}

ndmsg& header_in(const Message& message) { return *static_cast<ndmsg*>(nlmsg_data(nlmsg_hdr(message.get()))); }

void put_link_address(const Message& message, const MacAddress& address) {
  check(nla_put(message.get(), NDA_LLADDR, static_cast<int>(address.bytes.size()), address.bytes.data()));
}

std::uint8_t kernel_type(RouteType type) {
  switch (type) {
    case RouteType::Unicast: return RTN_UNICAST;
    case RouteType::Blackhole: return RTN_BLACKHOLE;
    case RouteType::Throw: return RTN_THROW;
    case RouteType::Local: return RTN_LOCAL;
    case RouteType::Broadcast: return RTN_BROADCAST;
  }
  return RTN_UNSPEC;
}

using NlRoute = std::unique_ptr<rtnl_route, Releases<rtnl_route_put>>;

NlRoute nl_route(const Route& route, int ifindex) {
  NlRoute result{rtnl_route_alloc()};
  if (!result) throw std::bad_alloc();
  auto* r = result.get();
  check(rtnl_route_set_family(r, AF_INET));
  rtnl_route_set_table(r, route.table);
  rtnl_route_set_protocol(r, kOurProtocol);
  rtnl_route_set_scope(r, route.gateway || route.type != RouteType::Unicast ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK);
  check(rtnl_route_set_type(r, kernel_type(route.type)));
  check(rtnl_route_set_dst(r, nl_address(route.destination.address, route.destination.length).get()));
  if (route.type == RouteType::Unicast) {
    auto* hop = rtnl_route_nh_alloc();
    if (hop == nullptr) throw std::bad_alloc();
    rtnl_route_nh_set_ifindex(hop, ifindex);
    if (route.gateway) {
      rtnl_route_nh_set_gateway(hop, nl_address(*route.gateway, 32).get());
      rtnl_route_nh_set_flags(hop, RTNH_F_ONLINK);
    }
    rtnl_route_add_nexthop(r, hop);  // which owns it from here on
  }
  return result;
}

Message rule_message(int type, int flags, const Rule& rule, std::uint8_t protocol) {
  auto message = make_message(type, flags);
  fib_rule_hdr header{};
  header.family = AF_INET;
  header.action = FR_ACT_TO_TBL;
  append(message, header);
  check(nla_put_u32(message.get(), FRA_PRIORITY, rule.priority));
  check(nla_put_u32(message.get(), FRA_TABLE, rule.table));
  check(nla_put_u8(message.get(), FRA_PROTOCOL, protocol));
  if (!rule.iif.empty()) check(nla_put_string(message.get(), FRA_IIFNAME, rule.iif.c_str()));
  if (rule.fwmark != 0) {
    check(nla_put_u32(message.get(), FRA_FWMARK, rule.fwmark));
    check(nla_put_u32(message.get(), FRA_FWMASK, ~0U));
  }
  return message;
}

/// Whether the kernel told an attribute of something.
bool tells_of(const Foreign& foreign, std::size_t header_size, int type) {
  std::pair<int, bool> search{type, false};
  mnl_attr_parse(
      reinterpret_cast<const nlmsghdr*>(foreign.message.data()), static_cast<unsigned>(header_size),
      [](const nlattr* attribute, void* out) {
        auto& [wanted, found] = *static_cast<std::pair<int, bool>*>(out);
        found = found || mnl_attr_get_type(attribute) == wanted;
        return MNL_CB_OK;
      },
      &search);
  return search.second;
}

/// What the kernel told of something, as the request to delete it. It tells some things in two ways and takes only one of them.
Message delete_message(int type, const Foreign& foreign, std::size_t header_size, std::initializer_list<int> left_out) {
  const auto* told = reinterpret_cast<const nlmsghdr*>(foreign.message.data());
  auto message = make_message(type, 0);
  check(nlmsg_append(message.get(), mnl_nlmsg_get_payload(told), header_size, NLMSG_ALIGNTO));
  struct Out {
    const Message& message;
    std::initializer_list<int> left_out;
  } out{message, left_out};
  mnl_attr_parse(
      told, static_cast<unsigned>(header_size),
      [](const nlattr* attribute, void* to) {
        const auto& [request, without] = *static_cast<Out*>(to);
        for (const int other : without)
          if (mnl_attr_get_type(attribute) == other) return MNL_CB_OK;
        check(nla_put(request.get(), attribute->nla_type, mnl_attr_get_payload_len(attribute), mnl_attr_get_payload(attribute)));
        return MNL_CB_OK;
      },
      &out);
  return message;
}

}  // namespace

void add_bridge(Socket& socket, const std::string& name, const Link& link) {
  const auto message = make_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  append(message, ifinfomsg{});
  put_name_and_address(message, name, link);
  {
    const Nest info{message, IFLA_LINKINFO};
    check(nla_put_string(message.get(), IFLA_INFO_KIND, "bridge"));
  }
  socket.add(message, fmt::format("add bridge {}", name));
}

void add_xfrm_interface(Socket& socket, const std::string& name, const Link& link) {
  const auto message = make_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  append(message, ifinfomsg{});
  put_name_and_address(message, name, link);
  {
    const Nest info{message, IFLA_LINKINFO};
    check(nla_put_string(message.get(), IFLA_INFO_KIND, "xfrm"));
    const Nest data{message, IFLA_INFO_DATA};
    check(nla_put_u32(message.get(), IFLA_XFRM_IF_ID, link.interface_id));
  }
  socket.add(message, fmt::format("add xfrm interface {}", name));
}

void add_veth_pair(Socket& socket, const std::string& name, const Link& link, int master, const UniqueFd& peer_namespace,
                   const std::string& peer_name, const Link& peer) {
  const auto message = make_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  append(message, ifinfomsg{});
  put_name_and_address(message, name, link);
  put_one_queue(message);
  if (master != 0) check(nla_put_u32(message.get(), IFLA_MASTER, static_cast<std::uint32_t>(master)));
  {
    const Nest info{message, IFLA_LINKINFO};
    check(nla_put_string(message.get(), IFLA_INFO_KIND, "veth"));
    const Nest data{message, IFLA_INFO_DATA};
    const Nest other{message, VETH_INFO_PEER};
    append(message, ifinfomsg{});
    put_name_and_address(message, peer_name, peer);
    put_one_queue(message);
    check(nla_put_u32(message.get(), IFLA_NET_NS_FD, static_cast<std::uint32_t>(peer_namespace.get())));
  }
  socket.add(message, fmt::format("add veth pair {} - {} {}", name, link.peer ? link.peer->name_space : "", peer_name));
}

void set_master(Socket& socket, const std::string& name, int master) {
  const auto message = make_message(RTM_NEWLINK, 0);
  append(message, ifinfomsg{});
  check(nla_put_string(message.get(), IFLA_IFNAME, name.c_str()));
  check(nla_put_u32(message.get(), IFLA_MASTER, static_cast<std::uint32_t>(master)));
  socket.add(message, fmt::format("set the bridge of link {}", name));
}

void set_link(Socket& socket, const std::string& name, const Link& link, bool set_address, const std::vector<std::string>& off) {
  set_protocols(socket, name, link);
  const auto message = make_message(RTM_NEWLINK, 0);
  ifinfomsg header{};
  header.ifi_flags = header.ifi_change = IFF_UP;
  if (link.kind == LinkKind::Veth || link.kind == LinkKind::Bridge) header.ifi_change |= IFF_NOARP;
  append(message, header);
  put_name(message, name);
  if (set_address) put_address(message, link);
  check(nla_put_u32(message.get(), IFLA_MTU, link.mtu));
  check(nla_put(message.get(), IFLA_IFALIAS, static_cast<int>(link.alias.size()), link.alias.data()));  // a terminating zero would count
  if (link.kind == LinkKind::Bridge) {
    const Nest info{message, IFLA_LINKINFO};
    check(nla_put_string(message.get(), IFLA_INFO_KIND, "bridge"));
    const Nest data{message, IFLA_INFO_DATA};
    put_bridge_options(message, off);
  }
  if (!link.master.empty()) {
    const Nest info{message, IFLA_LINKINFO};
    check(nla_put_string(message.get(), IFLA_INFO_SLAVE_KIND, "bridge"));
    const Nest data{message, IFLA_INFO_SLAVE_DATA};
    put_port_options(message, link, off);
  }
  socket.add(message, fmt::format("bring up link {}", name));
}

void set_port_forwarding(Socket& socket, const std::string& name) {
  const auto message = make_message(RTM_NEWLINK, 0);
  append(message, ifinfomsg{});
  put_name(message, name);
  {
    const Nest info{message, IFLA_LINKINFO};
    check(nla_put_string(message.get(), IFLA_INFO_SLAVE_KIND, "bridge"));
    const Nest data{message, IFLA_INFO_SLAVE_DATA};
    check(nla_put_u8(message.get(), IFLA_BRPORT_STATE, BR_STATE_FORWARDING));
  }
  socket.add(message, fmt::format("let port {} pass frames", name));
}

void detach_programs(Socket& socket, const std::string& name) {
  const auto message = make_message(RTM_SETLINK, 0);
  append(message, ifinfomsg{});
  put_name(message, name);
  {
    const Nest xdp{message, IFLA_XDP};
    check(nla_put_u32(message.get(), IFLA_XDP_FD, ~0U));
  }
  socket.add(message, fmt::format("detach the xdp program of link {}", name));
}

void set_neighbour_settings(Socket& socket, const std::string& name, const Link& link, int ifindex) {
  const auto message = make_message(RTM_SETNEIGHTBL, 0);
  ndtmsg header{};
  header.ndtm_family = AF_INET;
  append(message, header);
  check(nla_put_string(message.get(), NDTA_NAME, "arp_cache"));
  {
    const Nest settings{message, NDTA_PARMS};
    check(nla_put_u32(message.get(), NDTPA_IFINDEX, static_cast<std::uint32_t>(ifindex)));
    check(nla_put_u32(message.get(), NDTPA_MCAST_PROBES, neighbour_settings().at("mcast_solicit")));
    check(nla_put_u32(message.get(), NDTPA_UCAST_PROBES, neighbour_settings().at("ucast_solicit")));
    if (link.proxy_arp) check(nla_put_u64(message.get(), NDTPA_PROXY_DELAY, 0));
  }
  socket.add(message, fmt::format("set how link {} finds neighbours", name));
}

void delete_queueing(Socket& socket, const std::string& link, int ifindex, bool of_what_comes_in) {
  const auto message = make_message(RTM_DELQDISC, 0);
  tcmsg header{};
  header.tcm_ifindex = ifindex;
  header.tcm_parent = of_what_comes_in ? TC_H_INGRESS : TC_H_ROOT;
  append(message, header);
  socket.add(message, fmt::format("delete the queueing discipline of link {}", link));
}

void delete_link(Socket& socket, const std::string& name) {
  const auto message = make_message(RTM_DELLINK, 0);
  append(message, ifinfomsg{});
  check(nla_put_string(message.get(), IFLA_IFNAME, name.c_str()));
  socket.add(message, fmt::format("delete link {}", name));
}

void add_address(Socket& socket, const std::string& link, int ifindex, const InterfaceAddress& address) {
  socket.add(address_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, ifindex, address, true),
             fmt::format("add address {} to {}", describe(address), link));
}

void add_foreign_address(Socket& socket, const std::string& link, int ifindex, const InterfaceAddress& address) {
  socket.add(address_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, ifindex, address, false),
             fmt::format("give address {} back to {}", describe(address), link));
}

void add_ipv6_loopback(Socket& socket, int ifindex) {
  const auto message = make_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
  ifaddrmsg header{};
  header.ifa_family = AF_INET6;
  header.ifa_prefixlen = 128;
  header.ifa_scope = RT_SCOPE_HOST;
  header.ifa_index = static_cast<std::uint32_t>(ifindex);
  append(message, header);
  const in6_addr address = IN6ADDR_LOOPBACK_INIT;
  check(nla_put(message.get(), IFA_LOCAL, sizeof address, &address));
  socket.add(message, "add address ::1/128 to lo");
}

void delete_ipv6_loopback_route(Socket& socket, int ifindex) {
  const auto message = make_message(RTM_DELROUTE, 0);
  rtmsg header{};
  header.rtm_family = AF_INET6;
  header.rtm_dst_len = 128;
  header.rtm_table = RT_TABLE_MAIN;
  header.rtm_scope = RT_SCOPE_NOWHERE;  // any
  append(message, header);
  const in6_addr address = IN6ADDR_LOOPBACK_INIT;
  check(nla_put(message.get(), RTA_DST, sizeof address, &address));
  check(nla_put_u32(message.get(), RTA_OIF, static_cast<std::uint32_t>(ifindex)));
  socket.add(message, "delete route ::1 dev lo");
}

void delete_address(Socket& socket, const std::string& link, int ifindex, const InterfaceAddress& address) {
  socket.add(address_message(RTM_DELADDR, 0, ifindex, address, true), fmt::format("delete address {} from {}", describe(address), link));
}

void add_neighbour(Socket& socket, const Neighbour& neighbour, int bridge) {
  const auto message = neighbour_message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, AF_INET, bridge, NUD_PERMANENT);
  check(nla_put_addr(message.get(), NDA_DST, nl_address(neighbour.address, 32).get()));
  put_link_address(message, neighbour.link_address);
  socket.add(message, fmt::format("add neighbour {}", describe(neighbour)));
}

void delete_neighbour(Socket& socket, const Neighbour& neighbour, int bridge) {
  const auto message = neighbour_message(RTM_DELNEIGH, 0, AF_INET, bridge, 0);
  check(nla_put_addr(message.get(), NDA_DST, nl_address(neighbour.address, 32).get()));
  socket.add(message, fmt::format("delete neighbour {}", describe(neighbour)));
}

void add_bridge_entry(Socket& socket, const BridgeEntry& entry, int port) {
  const auto message = neighbour_message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, AF_BRIDGE, port, NUD_NOARP);
  put_link_address(message, entry.link_address);
  socket.add(message, fmt::format("add bridge entry {}", describe(entry)));
}

void delete_bridge_entry(Socket& socket, const BridgeEntry& entry, int port) {
  auto message = neighbour_message(RTM_DELNEIGH, 0, AF_BRIDGE, port, 0);
  // An entry of the bridge's own names the bridge, which is then asked itself.
  if (entry.port == entry.bridge || entry.port.empty()) header_in(message).ndm_flags = NTF_SELF;
  put_link_address(message, entry.link_address);
  socket.add(message, fmt::format("delete bridge entry {}", describe(entry)));
}

void add_route(Socket& socket, const Route& route, int ifindex) {
  nl_msg* raw = nullptr;
  check(rtnl_route_build_add_request(nl_route(route, ifindex).get(), NLM_F_CREATE | NLM_F_REPLACE, &raw));
  socket.add(Message{raw}, fmt::format("add route {}", describe(route)));
}

void delete_route(Socket& socket, const Route& route) {
  const auto message = make_message(RTM_DELROUTE, 0);
  rtmsg header{};
  header.rtm_family = AF_INET;
  header.rtm_dst_len = static_cast<std::uint8_t>(route.destination.length);
  header.rtm_protocol = kOurProtocol;
  header.rtm_scope = RT_SCOPE_NOWHERE;  // any
  append(message, header);
  check(nla_put_addr(message.get(), RTA_DST, nl_address(route.destination.address, route.destination.length).get()));
  check(nla_put_u32(message.get(), RTA_TABLE, route.table));
  socket.add(message, fmt::format("delete route {}", describe(route)));
}

void add_kernel_route(Socket& socket, const Route& route, Ipv4Address source, int ifindex) {
  const auto message = make_message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND);
  rtmsg header{};
  header.rtm_family = AF_INET;
  header.rtm_dst_len = static_cast<std::uint8_t>(route.destination.length);
  header.rtm_protocol = RTPROT_KERNEL;
  header.rtm_scope = route.type == RouteType::Local ? RT_SCOPE_HOST : RT_SCOPE_LINK;
  header.rtm_type = kernel_type(route.type);
  append(message, header);
  check(nla_put_addr(message.get(), RTA_DST, nl_address(route.destination.address, route.destination.length).get()));
  check(nla_put_addr(message.get(), RTA_PREFSRC, nl_address(source, 32).get()));
  check(nla_put_u32(message.get(), RTA_TABLE, route.table));
  check(nla_put_u32(message.get(), RTA_OIF, static_cast<std::uint32_t>(ifindex)));
  socket.add(message, fmt::format("add route {}", describe(route)));
}

void delete_route(Socket& socket, const Foreign& route) {
  // The next hop of a route that names one by its number is told as well.
  const auto by_number = tells_of(route, sizeof(rtmsg), RTA_NH_ID);
  socket.add(by_number ? delete_message(RTM_DELROUTE, route, sizeof(rtmsg), {RTA_OIF, RTA_GATEWAY, RTA_MULTIPATH, RTA_CACHEINFO})
                       : delete_message(RTM_DELROUTE, route, sizeof(rtmsg), {RTA_CACHEINFO}),
             "delete route " + route.text);
}

void add_rule(Socket& socket, const Rule& rule, bool kernels) {
  socket.add(rule_message(RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, rule, kernels ? RTPROT_KERNEL : kOurProtocol),
             fmt::format("add rule {}", describe(rule)));
}

void delete_rule(Socket& socket, const Rule& rule) {
  socket.add(rule_message(RTM_DELRULE, 0, rule, kOurProtocol), fmt::format("delete rule {}", describe(rule)));
}

void delete_rule(Socket& socket, const Foreign& rule) {
  socket.add(delete_message(RTM_DELRULE, rule, sizeof(fib_rule_hdr), {}), "delete rule " + rule.text);
}

std::string describe(const Route& route) {
  std::string out;
  if (route.type == RouteType::Blackhole) out = "blackhole ";
  if (route.type == RouteType::Throw) out = "throw ";
  if (route.type == RouteType::Local) out = "local ";
  if (route.type == RouteType::Broadcast) out = "broadcast ";
  out += route.destination.length == 0 ? "default" : to_string(route.destination);
  if (route.gateway) out += fmt::format(" via {}", to_string(*route.gateway));
  if (!route.device.empty()) out += fmt::format(" dev {}", route.device);
  if (route.table == kLocalTable)
    out += " table local";
  else if (route.table != kMainTable)
    out += fmt::format(" table {}", route.table);
  return out;
}

std::string describe(const Neighbour& neighbour) {
  return fmt::format("{} lladdr {} dev {}", to_string(neighbour.address), to_string(neighbour.link_address), neighbour.bridge);
}

std::string describe(const BridgeEntry& entry) {
  return fmt::format("{} dev {} master {}{}", to_string(entry.link_address), entry.port.empty() ? entry.bridge : entry.port, entry.bridge,
                     entry.local ? " local" : "");
}

std::string describe(const Rule& rule) {
  auto out = fmt::format("{}: from all", rule.priority);
  if (!rule.iif.empty()) out += fmt::format(" iif {}", rule.iif);
  if (rule.fwmark != 0) out += fmt::format(" fwmark {:#x}", rule.fwmark);
  switch (rule.table) {
    case kLocalTable: return out + " lookup local";
    case kMainTable: return out + " lookup main";
    case kDefaultTable: return out + " lookup default";
    default: return out + fmt::format(" lookup {}", rule.table);
  }
}

std::string describe(const InterfaceAddress& address) { return fmt::format("{}/{}", to_string(address.address), address.prefix_length); }

}  // namespace netns
