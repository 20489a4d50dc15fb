// SPDX-License-Identifier: Apache-2.0
#include "netns/netlink/requests.hpp"

#include <fmt/format.h>
#include <linux/fib_rules.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/route/addr.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <netlink/route/rule.h>

#include <unistd.h>

#include <new>

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

void put_name_and_address(const Message& message, const std::string& name, const Link& link) {
  check(nla_put_string(message.get(), IFLA_IFNAME, name.c_str()));
  if (link.address) check(nla_put(message.get(), IFLA_ADDRESS, static_cast<int>(link.address->bytes.size()), link.address->bytes.data()));
}

/// One queue is enough for a virtual link and costs least; the kernel's default is one for each processor.
void put_one_queue(const Message& message) {
  check(nla_put_u32(message.get(), IFLA_NUM_TX_QUEUES, 1));
  check(nla_put_u32(message.get(), IFLA_NUM_RX_QUEUES, 1));
}

Message address_message(int type, int flags, int ifindex, const InterfaceAddress& address) {
  auto message = make_message(type, flags);
  ifaddrmsg header{};
  header.ifa_family = AF_INET;
  header.ifa_prefixlen = static_cast<std::uint8_t>(address.prefix_length);
  header.ifa_index = static_cast<std::uint32_t>(ifindex);
  append(message, header);
  const auto value = nl_address(address.address, address.prefix_length);
  check(nla_put_addr(message.get(), IFA_LOCAL, value.get()));
  check(nla_put_addr(message.get(), IFA_ADDRESS, value.get()));
  if (!address.prefix_route) check(nla_put_u32(message.get(), IFA_FLAGS, IFA_F_NOPREFIXROUTE));
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
      check(nla_put_u32(message.get(), IPV4_DEVCONF_FORWARDING, link.forwards ? 1 : 0));
    }
    if (kernel_has_ipv6) {
      const Nest ipv6{message, AF_INET6};
      check(nla_put_u8(message.get(), IFLA_INET6_ADDR_GEN_MODE, link.ipv6 ? IN6_ADDR_GEN_MODE_EUI64 : IN6_ADDR_GEN_MODE_NONE));
    }
  }
  socket.add(message, fmt::format("set forwarding of link {}", name));
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

void put_link_address(const Message& message, const MacAddress& address) {
  check(nla_put(message.get(), NDA_LLADDR, static_cast<int>(address.bytes.size()), address.bytes.data()));
}

std::uint8_t kernel_type(RouteType type) {
  switch (type) {
    case RouteType::Unicast: return RTN_UNICAST;
    case RouteType::Blackhole: return RTN_BLACKHOLE;
    case RouteType::Throw: return RTN_THROW;
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
  rtnl_route_set_protocol(r, kRouteProtocol);
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

using NlRule = std::unique_ptr<rtnl_rule, Releases<rtnl_rule_put>>;

NlRule nl_rule(const Rule& rule) {
  NlRule result{rtnl_rule_alloc()};
  if (!result) throw std::bad_alloc();
  auto* r = result.get();
  rtnl_rule_set_family(r, AF_INET);
  rtnl_rule_set_prio(r, rule.priority);
  if (!rule.iif.empty()) check(rtnl_rule_set_iif(r, rule.iif.c_str()));
  if (rule.fwmark != 0) {
    rtnl_rule_set_mark(r, rule.fwmark);
    rtnl_rule_set_mask(r, ~0U);
  }
  rtnl_rule_set_table(r, rule.table);
  rtnl_rule_set_action(r, FR_ACT_TO_TBL);
  return result;
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

void set_link(Socket& socket, const std::string& name, const Link& link) {
  set_protocols(socket, name, link);
  const auto message = make_message(RTM_NEWLINK, 0);
  ifinfomsg header{};
  header.ifi_flags = header.ifi_change = IFF_UP;
  append(message, header);
  put_name_and_address(message, name, link);
  if (link.mtu) check(nla_put_u32(message.get(), IFLA_MTU, *link.mtu));
  check(nla_put(message.get(), IFLA_IFALIAS, static_cast<int>(link.alias.size()), link.alias.data()));  // a terminating zero would count
  if (!link.master.empty()) {
    const Nest info{message, IFLA_LINKINFO};
    check(nla_put_string(message.get(), IFLA_INFO_SLAVE_KIND, "bridge"));
    const Nest data{message, IFLA_INFO_SLAVE_DATA};
    check(nla_put_u8(message.get(), IFLA_BRPORT_ISOLATED, link.isolated ? 1 : 0));
    for (const auto attribute : {IFLA_BRPORT_LEARNING, IFLA_BRPORT_UNICAST_FLOOD, IFLA_BRPORT_MCAST_FLOOD, IFLA_BRPORT_BCAST_FLOOD})
      check(nla_put_u8(message.get(), attribute, link.isolated ? 0 : 1));
  }
  socket.add(message, fmt::format("bring up link {}", name));
}

void set_link_up(Socket& socket, const std::string& name) {
  const auto message = make_message(RTM_NEWLINK, 0);
  ifinfomsg header{};
  header.ifi_flags = header.ifi_change = IFF_UP;
  append(message, header);
  check(nla_put_string(message.get(), IFLA_IFNAME, name.c_str()));
  socket.add(message, fmt::format("bring up link {}", name));
}

void delete_link(Socket& socket, const std::string& name) {
  const auto message = make_message(RTM_DELLINK, 0);
  append(message, ifinfomsg{});
  check(nla_put_string(message.get(), IFLA_IFNAME, name.c_str()));
  socket.add(message, fmt::format("delete link {}", name));
}

void add_address(Socket& socket, const std::string& link, int ifindex, const InterfaceAddress& address) {
  socket.add(address_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, ifindex, address),
             fmt::format("add address {} to {}", describe(address), link));
}

void delete_address(Socket& socket, const std::string& link, int ifindex, const InterfaceAddress& address) {
  socket.add(address_message(RTM_DELADDR, 0, ifindex, address), fmt::format("delete address {} from {}", describe(address), link));
}

void add_neighbour(Socket& socket, const Neighbour& neighbour, int bridge, int port) {
  const auto entry = neighbour_message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, AF_BRIDGE, port, NUD_NOARP);
  put_link_address(entry, neighbour.link_address);
  socket.add(entry, fmt::format("add {} to the table of {}", to_string(neighbour.link_address), neighbour.bridge));
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
  header.rtm_protocol = kRouteProtocol;
  header.rtm_scope = RT_SCOPE_NOWHERE;  // any
  append(message, header);
  check(nla_put_addr(message.get(), RTA_DST, nl_address(route.destination.address, route.destination.length).get()));
  check(nla_put_u32(message.get(), RTA_TABLE, route.table));
  socket.add(message, fmt::format("delete route {}", describe(route)));
}

void add_rule(Socket& socket, const Rule& rule) {
  nl_msg* raw = nullptr;
  check(rtnl_rule_build_add_request(nl_rule(rule).get(), NLM_F_CREATE | NLM_F_EXCL, &raw));
  socket.add(Message{raw}, fmt::format("add rule {}", describe(rule)));
}

void delete_rule(Socket& socket, const Rule& rule) {
  nl_msg* raw = nullptr;
  check(rtnl_rule_build_delete_request(nl_rule(rule).get(), 0, &raw));
  socket.add(Message{raw}, fmt::format("delete rule {}", describe(rule)));
}

std::string describe(const Route& route) {
  std::string out;
  if (route.type == RouteType::Blackhole) out = "blackhole ";
  if (route.type == RouteType::Throw) out = "throw ";
  out += route.destination.length == 0 ? "default" : to_string(route.destination);
  if (route.gateway) out += fmt::format(" via {}", to_string(*route.gateway));
  if (!route.device.empty()) out += fmt::format(" dev {}", route.device);
  if (route.table != kMainTable) out += fmt::format(" table {}", route.table);
  return out;
}

std::string describe(const Neighbour& neighbour) {
  return fmt::format("{} lladdr {} dev {}", to_string(neighbour.address), to_string(neighbour.link_address), neighbour.bridge);
}

std::string describe(const Rule& rule) {
  auto out = fmt::format("{}: from all", rule.priority);
  if (!rule.iif.empty()) out += fmt::format(" iif {}", rule.iif);
  if (rule.fwmark != 0) out += fmt::format(" fwmark {:#x}", rule.fwmark);
  return out + fmt::format(" lookup {}", rule.table);
}

std::string describe(const InterfaceAddress& address) { return fmt::format("{}/{}", to_string(address.address), address.prefix_length); }

}  // namespace netns
