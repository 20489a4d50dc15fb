// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "emu/fabric/flow_logs.hpp"
#include "emu/fabric/names.hpp"
#include "emu/fabric/router.hpp"
#include "emu/fabric/security_chains.hpp"
#include "emu/fabric/services.hpp"
#include "emu/model/gateway_lookup.hpp"

namespace emu {
namespace {

using Text = std::back_insert_iterator<std::string>;

void add_element(std::string& list, const std::string& element) { list += (list.empty() ? "" : ", ") + element; }

/// Without those that lie in another: ranges of a set may not overlap.
std::string prefix_list(std::vector<Ipv4Prefix> prefixes) {
  std::ranges::sort(prefixes);  // an outer one comes first
  std::string list;
  std::optional<Ipv4Prefix> last;
  for (const auto& prefix : prefixes) {
    if (last && last->contains(prefix)) continue;
    add_element(list, to_string(prefix));
    last = prefix;
  }
  return list;
}

/// The elements of the router's sets and maps: everything that grows with the number of machines.
netns::Ruleset::Elements list_machines(const Model& model, const VirtualNetwork& network) {
  std::set<std::string> bindings;    // port . MAC . address: who each of them is
  std::set<std::string> forwarders;  // port . MAC of those that may pass on what others sent (L3-9)
  std::set<std::string> with_public_address;
  std::set<std::string> open_to_internet;  // PIP-6
  std::set<std::string> to_public;
  std::set<std::string> to_private;
  for (const auto& machine : model.virtual_machines) {
    if (!same_name(machine.subnet.virtual_network, network.name)) continue;
    const auto address = to_string(*machine.private_ip_address);
    const auto port = fmt::format("\"{}\" . {}", port_name(machine.name),
                                  to_string(mac_address(*find_subnet(network, machine.subnet.subnet), *machine.private_ip_address)));
    bindings.insert(fmt::format("{} . {}", port, address));
    if (machine.ip_forwarding) forwarders.insert(port);
    if (!machine.public_ip_address) continue;
    const auto public_address = to_string(*machine.public_ip_address);
    with_public_address.insert(address);
    if (machine.public_ip_address_sku == PublicIpAddressSku::Basic) open_to_internet.insert(address);
    to_public.insert(fmt::format("{} : {}", address, public_address));
    to_private.insert(fmt::format("{} : {}", public_address, address));
  }
  if (const auto* gateway = gateway_in(model, network.name)) {
    const auto& subnet = *find_subnet(network, kGatewaySubnet);
    forwarders.insert(
        fmt::format("\"{}\" . {}", gateway_port_name(gateway->name), to_string(mac_address(subnet, *gateway->private_ip_address))));
  }
  return {{"bridge ports bindings", std::move(bindings)},
          {"bridge ports forwarders", std::move(forwarders)},
          {"inet router with_public_address", std::move(with_public_address)},
          {"inet router open_to_internet", std::move(open_to_internet)},
          {"inet router to_public", std::move(to_public)},
          {"inet router to_private", std::move(to_private)}};
}

/// Without a binding every frame is dropped: a machine can be nobody but itself, and speaks nothing but IPv4 and ARP (L3-1). What an
/// appliance only passes on carries a mark as long as it is in the router.
constexpr std::string_view kPorts =
    "table bridge ports {\n"
    " set bindings { type ifname . ether_addr . ipv4_addr\n }\n"
    " set forwarders { type ifname . ether_addr\n }\n"
    " chain prerouting {\n"
    "  type filter hook prerouting priority -300; policy drop;\n"
    "  iifname . ether saddr . ip saddr @bindings accept\n"
    "  iifname . arp saddr ether . arp saddr ip @bindings accept\n"
    "  iifname . ether saddr @forwarders ether type { ip, arp } meta mark set 1 accept\n"
    " }\n}\n";

/// What comes through the gateway of the peer that `peering` leads to, when this network uses that: what is behind its tunnels, and other
/// networks that use it.
std::vector<Ipv4Prefix> through_gateway_of(const Model& model, const VirtualNetwork& network, const VirtualNetworkPeering& peering) {
  const auto* gateway = peering.use_remote_gateways ? gateway_for(model, network) : nullptr;
  if (gateway == nullptr || !same_name(gateway->virtual_network, peering.remote_virtual_network)) return {};
  std::vector<Ipv4Prefix> prefixes;
  const auto append = [&](const std::vector<Ipv4Prefix>& more) { prefixes.insert(prefixes.end(), more.begin(), more.end()); };
  for (const auto* connection : connections_of(model, *gateway)) append(remote_prefixes_of(model, *connection));
  for (const auto* spoke : spokes_of(model, *gateway))
    if (spoke != &network) append(spoke->address_space);
  return prefixes;
}

/// What a router needs besides where there are appliances, in its network or in a peer.
///
/// NSG-11: a refusal is part of its flow on every hop. It ends what the kernel knows of a flow that nobody answered (nf_conntrack, "we
/// can delete the conntrack immediately"), so where an appliance sends it through the router once more, the router has to remember it.
///
/// An answer to what left by the edge under another address comes back by the edge, or not at all: one that a user-defined route leads
/// to an appliance here would find the appliance's own flow, and be taken for its answer (DEF-2).
struct ForwarderRules {
  std::string set;
  std::string rules;
};

ForwarderRules forwarder_rules(const Model& model) {
  const bool comes_twice = std::ranges::any_of(model.virtual_machines, &VirtualMachine::ip_forwarding);
  if (!comes_twice) return {};
  return {" set refused { type ipv4_addr . inet_service . ipv4_addr . inet_service; size 65535; flags dynamic, timeout; timeout 2s\n }\n",
          fmt::format("  iifname != \"{}\" ct direction reply ct status & snat != 0 drop\n", kEdgeLink) +
              "  tcp flags & rst == rst ct state established update @refused { ip saddr . tcp sport . ip daddr . tcp dport }\n"
              "  tcp flags & rst == rst ct state invalid ip saddr . tcp sport . ip daddr . tcp dport @refused accept\n"};
}

/// How what is known already gets past the rules.
///
/// NSG-12, `flush_connection`: a flow that is marked is judged again, by the next packet of the side that opened it, since only those show
/// the rules what its first packet showed them. Answers pass until then, and afterwards if that packet did: what the rules deny never gets
/// to the chain `judged`. What was denied is judged again with each such packet, as a new flow would be.
struct EstablishedRules {
  std::string rules = "  ct state established,related accept\n";
  std::string chain;
};

EstablishedRules established_rules(bool with_groups) {
  if (!with_groups) return {};
  constexpr std::uint32_t kDenied = kJudgeAgain + 1;
  return {
      fmt::format("  ct state established,related ct mark 0 accept\n"
                  "  ct mark {0} ct direction reply accept\n"
                  "  ct mark {1} ct direction reply drop\n"
                  "  ct mark {0} ct mark set {1}\n",
                  kJudgeAgain, kDenied),
      fmt::format(" chain judged {{\n  type filter hook forward priority 1; policy accept;\n  ct mark {} ct mark set 0\n }}\n", kDenied)};
}

/// One link as it is, several as a set.
std::string link_list(const std::vector<std::string>& links) {
  if (links.size() == 1) return fmt::format("\"{}\"", links.front());
  std::string list;
  for (const auto& link : links) add_element(list, fmt::format("\"{}\"", link));
  return fmt::format("{{ {} }}", list);
}

/// The links to a peer, and those that packets come in by from it.
struct PeerLinks {
  std::vector<std::string> in;
  std::vector<std::string> out;
};

PeerLinks links_to(const VirtualNetwork& remote, const Transits& transits) {
  PeerLinks links{{peering_link_name(remote.name)}, {peering_link_name(remote.name)}};
  for (const auto& end : transits.ends)
    if (end.from == &remote) links.in.push_back(transit_end_name(remote.name, *end.appliance.machine->private_ip_address));
  for (const auto& appliance : transits.starts)
    if (appliance.network == &remote) links.out.push_back(transit_start_name(*appliance.machine->private_ip_address));
  return links;
}

/// PEER-17: packets that a peer passes on for others count as VirtualNetwork where its link has allow_forwarded_traffic. The flag
/// blocks nothing: without it they are judged as all others are.
void write_forwarded(Text out, const Model& model, const Transits& transits, const VirtualNetworkPeering& peering) {
  if (peering.peering_state != PeeringState::Connected || !peering.allow_forwarded_traffic) return;
  const auto links = links_to(*find_virtual_network(model, peering.remote_virtual_network), transits);
  fmt::format_to(out, "  iifname {} ip saddr != {{ {} }} rt ip nexthop vmap @receivers_forwarded\n", link_list(links.in),
                 prefix_list(peering.remote_address_space));
}

/// PEER-16: what no group has judged does not cross a link without allow_virtual_network_access; a gateway never has a group.
void write_closed_peering(Text out, const Model& model, const VirtualNetwork& network, const Transits& transits,
                          const VirtualNetworkPeering& peering, const Denials& denials) {
  if (peering.peering_state != PeeringState::Connected || peering.allow_virtual_network_access) return;
  const auto links = links_to(*find_virtual_network(model, peering.remote_virtual_network), transits);
  const auto through_gateway = prefix_list(through_gateway_of(model, network, peering));
  fmt::format_to(out, "  iifname {} {}{}\n", link_list(links.in),
                 through_gateway.empty() ? "" : fmt::format("ip saddr != {{ {} }} ", through_gateway), denials.inbound);
  for (const auto& link : links.out) {
    // Over the peering's own link what is not for the peer itself is for its gateway.
    const bool is_transit = link.starts_with(kTransitStartPrefix);
    fmt::format_to(out, "  oifname \"{}\" {}{}\n", link,
                   is_transit ? "" : fmt::format("ip daddr {{ {} }} ", prefix_list(peering.remote_address_space)), denials.outbound);
  }
}

/// Who may leave by the edge without a public address of its own: machines of this network whose subnet has default outbound
/// access, and those without echo requests (PIP-9).
void write_edge(Text out, const VirtualNetwork& network) {
  std::string closed;
  for (const auto& subnet : network.subnets)
    if (!subnet.default_outbound_access) add_element(closed, prefix_list(subnet.address_prefixes));
  fmt::format_to(out, "  oifname \"{0}\" ct state invalid drop\n  oifname \"{0}\" ip saddr != {{ {1} }} drop\n", kEdgeLink,
                 prefix_list(network.address_space));
  fmt::format_to(out, "  oifname \"{0}\" ip saddr @with_public_address accept\n", kEdgeLink);
  if (!closed.empty()) fmt::format_to(out, "  oifname \"{}\" ip saddr {{ {} }} drop\n", kEdgeLink, closed);
  fmt::format_to(out, "  oifname \"{}\" icmp type echo-request drop\n", kEdgeLink);
}

}  // namespace

netns::Ruleset router_ruleset(const Model& model, const VirtualNetwork& network, const Transits& transits) {
  const auto backbone = backbone_rules(model, network);
  const auto forwarders = forwarder_rules(model);
  const auto denials = denials_in(model, network);
  const SecurityChains groups(model, network, denials);
  const auto established = established_rules(groups.any());
  std::string text{kPorts};
  const Text out{text};
  text +=
      "table inet router {\n"
      " set with_public_address { type ipv4_addr\n }\n"
      " set open_to_internet { type ipv4_addr\n }\n"
      " map to_public { type ipv4_addr : ipv4_addr\n }\n"
      " map to_private { type ipv4_addr : ipv4_addr\n }\n" +
      forwarders.set + backbone.set + denials.chains + groups.text() +
      " chain input {\n"
      "  type filter hook input priority 0; policy drop;\n"  // L3-4: the gateway answers nothing
      " }\n"
      " chain output {\n"
      "  type filter hook output priority 0; policy drop;\n"        // L3-6: no hop of the platform's shows itself
      "  icmp type destination-unreachable icmp code 4 accept\n" +  // packet too big
      backbone.output +
      " }\n"
      " chain forward {\n"
      "  type filter hook forward priority 0; policy accept;\n";
  // An address is translated at the edge for the machine that has it, not for one that passes on what another sent: so an
  // answer to the internet that a user-defined route leads through an appliance gets no further (DEF-2).
  fmt::format_to(out, "  oifname \"{}\" meta mark 1 drop\n{}{}{}{}", kEdgeLink, forwarders.rules, backbone.forward, established.rules,
                 backbone.established);
  if (groups.any()) {
    text += "  iifname . ether saddr vmap @senders\n";
    for (const auto& peering : network.peerings) write_forwarded(out, model, transits, peering);
    text += "  rt ip nexthop vmap @receivers\n";
  }
  for (const auto& peering : network.peerings) write_closed_peering(out, model, network, transits, peering, denials);
  fmt::format_to(out, "  iifname \"{}\" ip daddr != @open_to_internet {}\n", kEdgeLink, denials.inbound);  // PIP-6
  write_edge(out, network);
  fmt::format_to(out,
                 " }}\n{2}"
                 " chain prerouting {{\n"
                 "  type nat hook prerouting priority dstnat; policy accept;\n"
                 "  iifname \"{0}\" dnat ip to ip daddr map @to_private\n"
                 " }}\n"
                 " chain postrouting {{\n"
                 "  type nat hook postrouting priority srcnat; policy accept;\n"
                 "  oifname \"{0}\" snat ip to ip saddr map @to_public\n"
                 "  oifname \"{0}\" snat ip to {1}\n"
                 " }}\n}}\n",
                 kEdgeLink, to_string(*network.default_outbound_address), established.chain);
  auto elements = list_machines(model, network);
  elements.insert(backbone.elements.begin(), backbone.elements.end());
  elements.insert(groups.elements().begin(), groups.elements().end());
  return netns::Ruleset::of(std::move(text), std::move(elements));
}

}  // namespace emu
