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

/// A route by what we set of one; what else it has is in `other`.
struct ParsedRoute {
  Route route;
  bool other = false;
  std::string text;
};

ParsedRoute parse_route(const nlmsghdr* message, const LinkNames& names) {
  const auto& header = header_of<rtmsg>(message);
  const Attributes<RTA_MAX> attributes{message, sizeof(rtmsg)};
  const auto type = route_type(header.rtm_type);
  ParsedRoute parsed;
  parsed.route = {.table = attributes.number(RTA_TABLE),
                  .destination = {attributes.address(RTA_DST), header.rtm_dst_len},
                  .type = type.value_or(RouteType::Unicast),
                  .device = name_of(names, attributes.number(RTA_OIF)),
                  .gateway = {}};
  if (attributes[RTA_GATEWAY] != nullptr) parsed.route.gateway = attributes.address(RTA_GATEWAY);
  parsed.text = std::string(route_type_word(header.rtm_type)) + describe(parsed.route);
  const auto note = [&](int attribute, std::string words) {
    if (attributes[attribute] == nullptr) return;
    parsed.other = true;
    parsed.text += words;
  };
  if (header.rtm_tos != 0) {
    parsed.other = true;
    parsed.text += fmt::format(" tos {:#x}", header.rtm_tos);
  }
  note(RTA_PRIORITY, fmt::format(" metric {}", attributes.number(RTA_PRIORITY)));
  note(RTA_METRICS, " with metrics of its own");
  note(RTA_MULTIPATH, " over several hops");
  note(RTA_ENCAP_TYPE, " encapsulated");
  note(RTA_VIA, " via another family");
  note(RTA_NH_ID, fmt::format(" nhid {}", attributes.number(RTA_NH_ID)));
  if (header.rtm_protocol == kOurProtocol) {
    note(RTA_PREFSRC, fmt::format(" src {}", to_string(attributes.address(RTA_PREFSRC))));
    if (parsed.route.gateway && (header.rtm_flags & RTNH_F_ONLINK) == 0) parsed.other = true;
  }
  if (!type) parsed.other = true;
  return parsed;
}

struct ParsedRule {
  Rule rule;
  bool other = false;
  std::string text;
};

std::string action_text(std::uint8_t action) {
  switch (action) {
    case FR_ACT_BLACKHOLE: return "blackhole";
    case FR_ACT_UNREACHABLE: return "unreachable";
    case FR_ACT_PROHIBIT: return "prohibit";
    default: return fmt::format("action {}", action);
  }
}

ParsedRule parse_policy_rule(const nlmsghdr* message) {
  const auto& header = header_of<fib_rule_hdr>(message);
  const Attributes<FRA_MAX> attributes{message, sizeof(fib_rule_hdr)};
  ParsedRule parsed;
  parsed.rule = {attributes.number(FRA_PRIORITY), attributes.text(FRA_IIFNAME), attributes.number(FRA_TABLE),
                 attributes.number(FRA_FWMARK)};
  std::string others;
  const auto note = [&](bool present, const std::string& words) {
    if (present) others += " " + words;
  };
  note((header.flags & FIB_RULE_INVERT) != 0, "not");
  if (attributes[FRA_SRC] != nullptr) note(true, fmt::format("from {}/{}", to_string(attributes.address(FRA_SRC)), header.src_len));
  if (attributes[FRA_DST] != nullptr) note(true, fmt::format("to {}/{}", to_string(attributes.address(FRA_DST)), header.dst_len));
  note(attributes[FRA_OIFNAME] != nullptr, "oif " + attributes.text(FRA_OIFNAME));
  note(header.tos != 0, fmt::format("tos {:#x}", header.tos));
  note(attributes[FRA_IP_PROTO] != nullptr, "ipproto");
  note(attributes[FRA_SPORT_RANGE] != nullptr, "sport");
  note(attributes[FRA_DPORT_RANGE] != nullptr, "dport");
  note(attributes[FRA_UID_RANGE] != nullptr, "uidrange");
  const auto* l3mdev = attributes[FRA_L3MDEV];
  note(l3mdev != nullptr && mnl_attr_get_u8(l3mdev) != 0, "l3mdev");
  note(attributes[FRA_TUN_ID] != nullptr, "tun_id");
  note(attributes[FRA_GOTO] != nullptr, fmt::format("goto {}", attributes.number(FRA_GOTO)));
  note(attributes[FRA_SUPPRESS_PREFIXLEN] != nullptr && attributes.number(FRA_SUPPRESS_PREFIXLEN) != ~0U, "suppress_prefixlength");
  note(attributes[FRA_FWMASK] != nullptr && parsed.rule.fwmark != 0 && attributes.number(FRA_FWMASK) != ~0U, "masked");
  note(header.action != FR_ACT_TO_TBL, action_text(header.action));
  parsed.other = !others.empty();
  parsed.text = describe(parsed.rule);
  if (header.action != FR_ACT_TO_TBL) parsed.text.erase(parsed.text.rfind(" lookup"));
  parsed.text += others;
  return parsed;
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
  rtmsg header{};
  header.rtm_family = AF_INET;
  append(request, header);
  const auto names = names_of(links);
  ObservedRoutes routes;
  for_each_message(socket.dump(request, "list routes"), [&](const nlmsghdr* message) {
    const auto protocol = header_of<rtmsg>(message).rtm_protocol;
    auto parsed = parse_route(message, names);
    if (protocol == RTPROT_KERNEL && !parsed.other)
      routes.kernels.insert(std::move(parsed.route));
    else if (protocol == kOurProtocol && !parsed.other)
      routes.ours.insert(std::move(parsed.route));
    else
      routes.foreign.insert({std::move(parsed.text), std::move(parsed.route.device), message_text(message), protocol == kOurProtocol});
  });
  return routes;
}

ObservedRules dump_rules(Socket& socket) {
  const auto request = make_message(RTM_GETRULE, 0);
  fib_rule_hdr header{};
  header.family = AF_INET;
  append(request, header);
  ObservedRules rules;
  for_each_message(socket.dump(request, "list rules"), [&](const nlmsghdr* message) {
    const auto* protocol = Attributes<FRA_MAX>{message, sizeof(fib_rule_hdr)}[FRA_PROTOCOL];
    const bool ours = protocol != nullptr && mnl_attr_get_u8(protocol) == kOurProtocol;
    auto parsed = parse_policy_rule(message);
    if (!parsed.other && kernel_rules().contains(parsed.rule))
      rules.kernels.insert(std::move(parsed.rule));
    else if (!parsed.other && ours)
      rules.ours.insert(std::move(parsed.rule));
    else
      rules.foreign.insert({std::move(parsed.text), {}, message_text(message), ours});
  });
  return rules;
}

const std::set<Rule>& kernel_rules() {
  static const std::set<Rule> rules{{0, {}, kLocalTable, 0}, {32766, {}, kMainTable, 0}, {32767, {}, kDefaultTable, 0}};
  return rules;
}

}  // namespace netns
