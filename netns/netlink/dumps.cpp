// SPDX-License-Identifier: Apache-2.0
#include "netns/netlink/dumps.hpp"

#include <linux/fib_rules.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <array>
#include <cstring>
#include <unordered_map>

#include "netns/base/error.hpp"

namespace netns {
namespace {

/// The attributes behind a message's fixed header (or inside a nest), by type; types past `Last` are passed over.
template <int Last>
class Attributes {
 public:
  Attributes(const nlmsghdr* message, std::size_t header) { mnl_attr_parse(message, static_cast<unsigned>(header), collect, this); }
  explicit Attributes(const nlattr* nest) { mnl_attr_parse_nested(nest, collect, this); }

  // Inlined, because GCC 12 makes one function of those of two sizes and then warns that it reads past the end of the smaller.
  [[gnu::always_inline]] const nlattr* operator[](int type) const { return found_[static_cast<std::size_t>(type)]; }
  [[gnu::always_inline]] std::uint32_t number(int type) const { return (*this)[type] == nullptr ? 0 : mnl_attr_get_u32((*this)[type]); }
  [[gnu::always_inline]] std::string text(int type) const {
    return (*this)[type] == nullptr ? std::string{} : mnl_attr_get_str((*this)[type]);
  }
  Ipv4Address address(int type) const { return {ntohl(number(type))}; }

 private:
  static int collect(const nlattr* attribute, void* self) {
    const auto type = mnl_attr_get_type(attribute);
    if (type <= Last) static_cast<Attributes*>(self)->found_[type] = attribute;
    return MNL_CB_OK;
  }

  std::array<const nlattr*, Last + 1> found_{};
};

template <typename Header>
const Header& header_of(const nlmsghdr* message) {
  return *static_cast<const Header*>(mnl_nlmsg_get_payload(message));
}

std::optional<MacAddress> link_address(const nlattr* attribute) {
  MacAddress address;
  if (attribute == nullptr || mnl_attr_get_payload_len(attribute) != address.bytes.size()) return std::nullopt;
  std::memcpy(address.bytes.data(), mnl_attr_get_payload(attribute), address.bytes.size());
  return address;
}

void read_protocols(const nlattr* families, Link& link) {
  const Attributes<AF_INET6> by_family{families};
  if (by_family[AF_INET] != nullptr) {
    const Attributes<IFLA_INET_MAX> ipv4{by_family[AF_INET]};
    // An array of every switch, in the order of IPV4_DEVCONF_*, which counts from 1 with forwarding.
    link.forwards = ipv4[IFLA_INET_CONF] != nullptr && mnl_attr_get_u32(ipv4[IFLA_INET_CONF]) != 0;
  }
  if (by_family[AF_INET6] != nullptr) {
    const Attributes<IFLA_INET6_MAX> ipv6{by_family[AF_INET6]};
    const auto* mode = ipv6[IFLA_INET6_ADDR_GEN_MODE];
    link.ipv6 = mode != nullptr && mnl_attr_get_u8(mode) != IN6_ADDR_GEN_MODE_NONE;
  }
}

Message link_request() {
  auto request = make_message(RTM_GETLINK, 0);
  append(request, ifinfomsg{});
  nla_put_u32(request.get(), IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  return request;
}

std::optional<LinkKind> link_kind(std::string_view kernel) {
  if (kernel == "veth") return LinkKind::Veth;
  if (kernel == "bridge") return LinkKind::Bridge;
  if (kernel == "xfrm") return LinkKind::Xfrm;
  return std::nullopt;
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
    if (attributes[IFLA_LINKINFO] == nullptr) return;
    const Attributes<IFLA_INFO_MAX> info{attributes[IFLA_LINKINFO]};
    const auto known = link_kind(info.text(IFLA_INFO_KIND));
    if (!known) return;
    ObservedLink observed;
    observed.ifindex = header.ifi_index;
    observed.up = (header.ifi_flags & IFF_UP) != 0;
    observed.link.kind = *known;
    observed.link.mtu = attributes.number(IFLA_MTU);
    if (observed.link.kind == LinkKind::Xfrm && info[IFLA_INFO_DATA] != nullptr)
      observed.link.interface_id = Attributes<IFLA_XFRM_MAX>{info[IFLA_INFO_DATA]}.number(IFLA_XFRM_IF_ID);
    if (observed.link.kind == LinkKind::Veth) observed.peer_ifindex = static_cast<int>(attributes.number(IFLA_LINK));
    observed.link.alias = attributes.text(IFLA_IFALIAS);
    observed.link.address = link_address(attributes[IFLA_ADDRESS]);
    if (info[IFLA_INFO_SLAVE_DATA] != nullptr && info.text(IFLA_INFO_SLAVE_KIND) == "bridge") {
      const Attributes<IFLA_BRPORT_ISOLATED> port{info[IFLA_INFO_SLAVE_DATA]};
      observed.link.isolated = port[IFLA_BRPORT_ISOLATED] != nullptr && mnl_attr_get_u8(port[IFLA_BRPORT_ISOLATED]) != 0;
    }
    if (attributes[IFLA_AF_SPEC] != nullptr) read_protocols(attributes[IFLA_AF_SPEC], observed.link);
    auto name = attributes.text(IFLA_IFNAME);
    names_.emplace(observed.ifindex, name);
    if (const auto master = attributes.number(IFLA_MASTER); master != 0) masters_.emplace(name, static_cast<int>(master));
    links_.emplace(std::move(name), std::move(observed));
  }

  std::map<std::string, ObservedLink> links_;
  std::unordered_map<int, std::string> names_;
  std::unordered_map<std::string, int> masters_;
};

std::optional<RouteType> route_type(std::uint8_t kernel) {
  switch (kernel) {
    case RTN_UNICAST: return RouteType::Unicast;
    case RTN_BLACKHOLE: return RouteType::Blackhole;
    case RTN_THROW: return RouteType::Throw;
    default: return std::nullopt;
  }
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
  std::unordered_map<int, ObservedLink*> by_index;
  for (auto& [name, observed] : links) by_index.emplace(observed.ifindex, &observed);
  const auto request = make_message(RTM_GETADDR, 0);
  ifaddrmsg header{};
  header.ifa_family = AF_INET;
  append(request, header);
  for_each_message(socket.dump(request, "list addresses"), [&](const nlmsghdr* message) {
    const auto& address = header_of<ifaddrmsg>(message);
    const auto owner = by_index.find(static_cast<int>(address.ifa_index));
    if (owner == by_index.end()) return;
    const Attributes<IFA_MAX> attributes{message, sizeof(ifaddrmsg)};
    owner->second->link.addresses.insert(
        {attributes.address(IFA_LOCAL), address.ifa_prefixlen, (attributes.number(IFA_FLAGS) & IFA_F_NOPREFIXROUTE) == 0});
  });
}

std::set<Neighbour> dump_neighbours(Socket& socket, const std::map<std::string, ObservedLink>& links) {
  std::unordered_map<int, std::string_view> bridges;
  for (const auto& [name, observed] : links)
    if (observed.link.kind == LinkKind::Bridge) bridges.emplace(observed.ifindex, name);
  std::set<Neighbour> neighbours;
  if (bridges.empty()) return neighbours;
  const auto request = make_message(RTM_GETNEIGH, 0);
  ndmsg header{};
  header.ndm_family = AF_INET;
  append(request, header);
  for_each_message(socket.dump(request, "list neighbours"), [&](const nlmsghdr* message) {
    const auto& neighbour = header_of<ndmsg>(message);
    const Attributes<NDA_MAX> attributes{message, sizeof(ndmsg)};
    const auto bridge = bridges.find(neighbour.ndm_ifindex);
    const auto address = link_address(attributes[NDA_LLADDR]);
    if ((neighbour.ndm_state & NUD_PERMANENT) == 0 || bridge == bridges.end() || !address) return;
    neighbours.insert({std::string(bridge->second), attributes.address(NDA_DST), *address, {}});
  });
  return neighbours;
}

std::set<Route> dump_routes(Socket& socket, const std::map<std::string, ObservedLink>& links) {
  const auto request = make_message(RTM_GETROUTE, 0);
  rtmsg header{};
  header.rtm_family = AF_INET;
  header.rtm_protocol = kRouteProtocol;
  append(request, header);
  std::unordered_map<int, std::string_view> names;
  for (const auto& [name, observed] : links) names.emplace(observed.ifindex, name);
  std::set<Route> routes;
  for_each_message(socket.dump(request, "list routes"), [&](const nlmsghdr* message) {
    const auto& route = header_of<rtmsg>(message);
    const auto type = route_type(route.rtm_type);
    if (route.rtm_protocol != kRouteProtocol || !type) return;
    const Attributes<RTA_MAX> attributes{message, sizeof(rtmsg)};
    Route result{.table = attributes.number(RTA_TABLE),
                 .destination = {attributes.address(RTA_DST), route.rtm_dst_len},
                 .type = *type,
                 .device = {},
                 .gateway = {}};
    if (attributes[RTA_GATEWAY] != nullptr) result.gateway = attributes.address(RTA_GATEWAY);
    if (const auto device = names.find(static_cast<int>(attributes.number(RTA_OIF))); device != names.end()) result.device = device->second;
    routes.insert(std::move(result));
  });
  return routes;
}

std::set<Rule> dump_rules(Socket& socket) {
  const auto request = make_message(RTM_GETRULE, 0);
  fib_rule_hdr header{};
  header.family = AF_INET;
  append(request, header);
  std::set<Rule> rules;
  for_each_message(socket.dump(request, "list rules"), [&](const nlmsghdr* message) {
    const Attributes<FRA_MAX> attributes{message, sizeof(fib_rule_hdr)};
    if (attributes[FRA_IIFNAME] != nullptr || attributes[FRA_FWMARK] != nullptr)
      rules.insert(
          {attributes.number(FRA_PRIORITY), attributes.text(FRA_IIFNAME), attributes.number(FRA_TABLE), attributes.number(FRA_FWMARK)});
  });
  return rules;
}

}  // namespace netns
