// SPDX-License-Identifier: Apache-2.0
#include "netns/netlink/dumps.hpp"

#include <fmt/format.h>
#include <linux/fib_rules.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include <cstring>
#include <string_view>
#include <unordered_map>

#include "netns/base/error.hpp"
#include "netns/netlink/attributes.hpp"
#include "netns/netlink/requests.hpp"

namespace netns {
namespace {

using LinkNames = std::unordered_map<int, std::string>;

LinkNames names_of(const std::map<std::string, ObservedLink>& links) {
  LinkNames names;
  for (const auto& [name, observed] : links) names.emplace(observed.ifindex, name);
  return names;
}

std::string name_of(const LinkNames& names, std::uint32_t ifindex) {
  const auto found = names.find(static_cast<int>(ifindex));
  return found == names.end() ? std::string{} : found->second;
}

std::string message_text(const nlmsghdr* message) { return {reinterpret_cast<const char*>(message), message->nlmsg_len}; }

std::optional<Neighbour> parse_neighbour(const nlmsghdr* message, const LinkNames& names) {
  const auto& neighbour = header_of<ndmsg>(message);
  const Attributes<NDA_MAX> attributes{message, sizeof(ndmsg)};
  const auto link = names.find(neighbour.ndm_ifindex);
  const auto address = link_address(attributes[NDA_LLADDR]);
  if ((neighbour.ndm_state & NUD_PERMANENT) == 0 || link == names.end() || !address) return std::nullopt;
  return Neighbour{link->second, attributes.address(NDA_DST), *address, {}};
}

std::optional<RouteType> route_type(std::uint8_t kernel) {
  switch (kernel) {
    case RTN_UNICAST: return RouteType::Unicast;
    case RTN_BLACKHOLE: return RouteType::Blackhole;
    case RTN_THROW: return RouteType::Throw;
    case RTN_LOCAL: return RouteType::Local;
    case RTN_BROADCAST: return RouteType::Broadcast;
    default: return std::nullopt;
  }
}

std::string_view route_type_word(std::uint8_t kernel) {
  switch (kernel) {
    case RTN_UNREACHABLE: return "unreachable ";
    case RTN_PROHIBIT: return "prohibit ";
    case RTN_MULTICAST: return "multicast ";
    case RTN_NAT: return "nat ";
    default: return "";
  }
}

/// A route by what we set of one; what else it has makes it `other`.
struct ParsedRoute {
  Route route;
  bool other = false;
};

ParsedRoute parse_route(const rtmsg& header, const Attributes<RTA_MAX>& attributes, const LinkNames& names) {
  const auto type = route_type(header.rtm_type);
  ParsedRoute parsed;
  parsed.route = {.table = attributes.number(RTA_TABLE),
                  .destination = {attributes.address(RTA_DST), header.rtm_dst_len},
                  .type = type.value_or(RouteType::Unicast),
                  .device = name_of(names, attributes.number(RTA_OIF)),
                  .gateway = {}};
  if (attributes[RTA_GATEWAY] != nullptr) parsed.route.gateway = attributes.address(RTA_GATEWAY);
  const auto has = [&](int attribute) { return attributes[attribute] != nullptr; };
  const bool is_ours = header.rtm_protocol == kOurProtocol;
  const bool not_onlink = parsed.route.gateway && (header.rtm_flags & RTNH_F_ONLINK) == 0;
  parsed.other = !type || header.rtm_tos != 0 || has(RTA_PRIORITY) || has(RTA_METRICS) || has(RTA_MULTIPATH) || has(RTA_ENCAP_TYPE) ||
                 has(RTA_VIA) || has(RTA_NH_ID) || (is_ours && (has(RTA_PREFSRC) || not_onlink));
  return parsed;
}

/// A route with all that makes it another than ours.
std::string route_text(const rtmsg& header, const Attributes<RTA_MAX>& attributes, const Route& route) {
  auto text = std::string(route_type_word(header.rtm_type)) + describe(route);
  const auto has = [&](int attribute) { return attributes[attribute] != nullptr; };
  if (header.rtm_tos != 0) text += fmt::format(" tos {:#x}", header.rtm_tos);
  if (has(RTA_PRIORITY)) text += fmt::format(" metric {}", attributes.number(RTA_PRIORITY));
  if (has(RTA_METRICS)) text += " with metrics of its own";
  if (has(RTA_MULTIPATH)) text += " over several hops";
  if (has(RTA_ENCAP_TYPE)) text += " encapsulated";
  if (has(RTA_VIA)) text += " via another family";
  if (has(RTA_NH_ID)) text += fmt::format(" nhid {}", attributes.number(RTA_NH_ID));
  if (header.rtm_protocol == kOurProtocol && has(RTA_PREFSRC)) text += fmt::format(" src {}", to_string(attributes.address(RTA_PREFSRC)));
  return text;
}

std::string action_text(std::uint8_t action) {
  switch (action) {
    case FR_ACT_BLACKHOLE: return "blackhole";
    case FR_ACT_UNREACHABLE: return "unreachable";
    case FR_ACT_PROHIBIT: return "prohibit";
    default: return fmt::format("action {}", action);
  }
}

Rule parse_rule(const Attributes<FRA_MAX>& attributes) {
  return {attributes.number(FRA_PRIORITY), attributes.text(FRA_IIFNAME), attributes.number(FRA_TABLE), attributes.number(FRA_FWMARK)};
}

/// What a rule has besides what we set of one, in words that each have a space before them.
std::string other_words(const fib_rule_hdr& header, const Attributes<FRA_MAX>& attributes) {
  std::string words;
  const auto has = [&](int attribute) { return attributes[attribute] != nullptr; };
  if ((header.flags & FIB_RULE_INVERT) != 0) words += " not";
  if (has(FRA_SRC)) words += fmt::format(" from {}/{}", to_string(attributes.address(FRA_SRC)), header.src_len);
  if (has(FRA_DST)) words += fmt::format(" to {}/{}", to_string(attributes.address(FRA_DST)), header.dst_len);
  if (has(FRA_OIFNAME)) words += " oif " + attributes.text(FRA_OIFNAME);
  if (header.tos != 0) words += " tos";
  if (has(FRA_IP_PROTO)) words += " ipproto";
  if (has(FRA_SPORT_RANGE)) words += " sport";
  if (has(FRA_DPORT_RANGE)) words += " dport";
  if (has(FRA_UID_RANGE)) words += " uidrange";
  if (attributes.octet(FRA_L3MDEV) != 0) words += " l3mdev";
  if (has(FRA_TUN_ID)) words += " tun_id";
  if (has(FRA_GOTO)) words += fmt::format(" goto {}", attributes.number(FRA_GOTO));
  if (has(FRA_SUPPRESS_PREFIXLEN) && attributes.number(FRA_SUPPRESS_PREFIXLEN) != ~0U) words += " suppress_prefixlength";
  if (has(FRA_FWMASK) && attributes.number(FRA_FWMARK) != 0 && attributes.number(FRA_FWMASK) != ~0U) words += " masked";
  if (header.action != FR_ACT_TO_TBL) words += " " + action_text(header.action);
  return words;
}

std::string rule_text(const fib_rule_hdr& header, const Rule& rule, const std::string& others) {
  auto text = describe(rule);
  if (header.action != FR_ACT_TO_TBL) text.erase(text.rfind(" lookup"));
  return text + others;
}

}  // namespace

std::set<Neighbour> dump_neighbours(Socket& socket, const std::map<std::string, ObservedLink>& links) {
  const auto names = names_of(links);
  const auto request = make_message(RTM_GETNEIGH, 0);
  ndmsg header{};
  header.ndm_family = AF_INET;
  append(request, header);
  std::set<Neighbour> neighbours;
  for_each_message(socket.dump(request, "list neighbours"), [&](const nlmsghdr* message) {
    if (auto neighbour = parse_neighbour(message, names)) neighbours.insert(std::move(*neighbour));
  });
  return neighbours;
}

std::set<Neighbour> read_neighbours(Socket& socket, const std::map<std::string, ObservedLink>& links, const std::set<Route>& routes) {
  const auto names = names_of(links);
  std::set<Neighbour> neighbours;
  for (const auto& route : routes) {
    const auto link = links.find(route.device);
    if (!route.gateway || link == links.end()) continue;
    const auto request = make_message(RTM_GETNEIGH, 0);
    ndmsg header{};
    header.ndm_family = AF_INET;
    header.ndm_ifindex = link->second.ifindex;
    append(request, header);
    const auto address = htonl(route.gateway->value);
    nla_put(request.get(), NDA_DST, sizeof address, &address);
    try {
      for_each_message(socket.get(request, "read a neighbour"), [&](const nlmsghdr* message) {
        if (auto neighbour = parse_neighbour(message, names)) neighbours.insert(std::move(*neighbour));
      });
    } catch (const KernelError& error) {
      if (error.code() != std::errc::no_such_file_or_directory) throw;
    }
  }
  return neighbours;
}

std::set<BridgeEntry> dump_bridge_entries(Socket& socket, const std::map<std::string, ObservedLink>& links) {
  const auto names = names_of(links);
  std::set<BridgeEntry> entries;
  for (const auto& [bridge, observed] : links) {
    if (observed.link.kind != LinkKind::Bridge) continue;
    const auto request = make_message(RTM_GETNEIGH, 0);
    ndmsg header{};
    header.ndm_family = AF_BRIDGE;
    append(request, header);
    nla_put_u32(request.get(), NDA_MASTER, static_cast<std::uint32_t>(observed.ifindex));
    for_each_message(socket.dump(request, "list the table of " + bridge), [&, &own = bridge,
                                                                           &bridge_link = observed](const nlmsghdr* message) {
      const auto& entry = header_of<ndmsg>(message);
      const Attributes<NDA_MAX> attributes{message, sizeof(ndmsg)};
      const auto address = link_address(attributes[NDA_LLADDR]);
      const bool local = (entry.ndm_state & NUD_PERMANENT) != 0;
      const bool fixed = local || (entry.ndm_state & NUD_NOARP) != 0;
      if (!address || !fixed || (entry.ndm_flags & NTF_SELF) != 0) return;
      const auto port = name_of(names, static_cast<std::uint32_t>(entry.ndm_ifindex));
      const auto link = links.find(port);
      const bool is_own = local && (address == bridge_link.link.address || (link != links.end() && link->second.link.address == address));
      if (!is_own) entries.insert({own, *address, port, local});
    });
  }
  return entries;
}

ObservedRoutes dump_routes(Socket& socket, const std::map<std::string, ObservedLink>& links) {
  const auto request = make_message(RTM_GETROUTE, 0);
  rtmsg wanted{};
  wanted.rtm_family = AF_INET;
  append(request, wanted);
  const auto names = names_of(links);
  ObservedRoutes routes;
  for_each_message(socket.dump(request, "list routes"), [&](const nlmsghdr* message) {
    const auto& header = header_of<rtmsg>(message);
    const auto protocol = header.rtm_protocol;
    const Attributes<RTA_MAX> attributes{message, sizeof(rtmsg)};
    auto parsed = parse_route(header, attributes, names);
    if (protocol == RTPROT_KERNEL && !parsed.other)
      routes.kernels.insert(std::move(parsed.route));
    else if (protocol == kOurProtocol && !parsed.other)
      routes.ours.insert(std::move(parsed.route));
    else {
      Foreign foreign{
          route_text(header, attributes, parsed.route), parsed.route.device, message_text(message), protocol == kOurProtocol, {}};
      if (attributes.number(RTA_PRIORITY) == 0) foreign.place = {parsed.route.table, parsed.route.destination};
      routes.foreign.insert(std::move(foreign));
    }
  });
  return routes;
}

ObservedRules dump_rules(Socket& socket) {
  const auto request = make_message(RTM_GETRULE, 0);
  fib_rule_hdr wanted{};
  wanted.family = AF_INET;
  append(request, wanted);
  ObservedRules rules;
  for_each_message(socket.dump(request, "list rules"), [&](const nlmsghdr* message) {
    const auto& header = header_of<fib_rule_hdr>(message);
    const Attributes<FRA_MAX> attributes{message, sizeof(fib_rule_hdr)};
    const bool ours = attributes.octet(FRA_PROTOCOL) == kOurProtocol;
    auto rule = parse_rule(attributes);
    const auto others = other_words(header, attributes);
    if (others.empty() && kernel_rules().contains(rule))
      rules.kernels.insert(std::move(rule));
    else if (others.empty() && ours)
      rules.ours.insert(std::move(rule));
    else
      rules.foreign.insert({rule_text(header, rule, others), {}, message_text(message), ours, {}});
  });
  return rules;
}

const std::set<Rule>& kernel_rules() {
  static const std::set<Rule> rules{{0, {}, kLocalTable, 0}, {32766, {}, kMainTable, 0}, {32767, {}, kDefaultTable, 0}};
  return rules;
}

}  // namespace netns
