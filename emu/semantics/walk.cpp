// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "emu/model/nodes.hpp"

namespace emu {
namespace {

constexpr std::uint16_t kEphemeralPort = 50000;

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

std::string describe_route(const Ipv4Prefix& prefix, const EffectiveRoute& route) {
  auto words = fmt::format("route {} -> {}", to_string(prefix), to_string(route.next_hop_type));
  if (!route.next_hop_ip_address.empty()) words += fmt::format(" {}", to_string(route.next_hop_ip_address.front()));
  if (!route.remote_virtual_network.empty()) words += fmt::format(" {}", route.remote_virtual_network);
  if (route.name) words += fmt::format(" (User: {}/{})", route.route_table, *route.name);
  return words;
}

std::string describe_verdict(const Verdict& verdict, RuleDirection direction) {
  if (verdict.network_security_group.empty()) return {};
  const auto* way = direction == RuleDirection::Inbound ? "inbound" : "outbound";
  if (verdict.rule == nullptr) return fmt::format("{} {}: no rule", verdict.network_security_group, way);
  auto name = verdict.rule->name.substr(verdict.rule->name.find('/') + 1);
  return fmt::format("{} {}: {} {} ({})", verdict.network_security_group, way, to_string(verdict.rule->access), name,
                     verdict.rule->priority);
}

/// Of a node that sends. Two networks may have machines of one address.
bool has_address(const Place& place, Ipv4Address address) {
  return std::visit(Overloaded{[&](const MachinePlace* at) { return at->address == address; },
                               [&](const SiteHostPlace& at) { return at.host->ip_address == address; },
                               [&](const InternetHost* at) { return at->ip_address == address; }, [](const auto&) { return false; }},
                    place);
}

}  // namespace

std::string name_of(const Place& place) {
  return std::visit(Overloaded{[](const MachinePlace* at) { return fmt::format("vm {}", at->machine->name); },
                               [](const GatewayPlace* at) { return fmt::format("gateway {}", at->gateway->name); },
                               [](const SitePlace* at) { return fmt::format("site {}", at->site->name); },
                               [](const SiteHostPlace& at) { return fmt::format("host {}", at.host->name); },
                               [](const InternetHost* at) { return fmt::format("host {}", at->name); },
                               [](const ServicePlace& at) { return fmt::format("service {}", at.service->name); }},
                    place);
}

const std::string& node_of(const Place& place) {
  using Name = const std::string&;
  return std::visit(
      Overloaded{[](const MachinePlace* at) -> Name { return at->machine->name; },
                 [](const GatewayPlace* at) -> Name { return at->gateway->name; },
                 [](const SitePlace* at) -> Name { return at->site->name; }, [](const SiteHostPlace& at) -> Name { return at.host->name; },
                 [](const InternetHost* at) -> Name { return at->name; }, [](const ServicePlace& at) -> Name { return at.service->name; }},
      place);
}

Where where_is(const Place& place) {
  return {name_of(place), std::holds_alternative<ServicePlace>(place) ? std::string(kServicesNode) : node_of(place)};
}

Where where_is(const SubnetPlace& subnet) {
  const auto& network = subnet.network->network->name;
  return {fmt::format("{}/{}", network, subnet.subnet->name), network};
}

Where where_is(const NetworkPlace& network) { return {fmt::format("vnet {}", network.network->name), network.network->name}; }

Prediction Walk::run(const Flow& flow, const Place& from, Ipv4Address source) {
  packet_ = {flow.kind == CheckKind::Ping ? RuleProtocol::Icmp : RuleProtocol::Tcp, source, kEphemeralPort, flow.address, flow.port};
  if (flow.kind == CheckKind::Ping) packet_.source_port = 0;
  Prediction prediction;
  const auto finish = [&](Fate fate, std::string reason) {
    prediction.fate = fate;
    prediction.reason = std::move(reason);
    return prediction;
  };
  const auto target = travel(from);
  prediction.there = std::exchange(steps_, {});
  if (!target) return finish(loops_ ? Fate::Loops : Fate::Silent, lost_);
  prediction.answered_by = node_of(*target);
  const auto fate = answer_of(*target, flow, prediction);

  std::swap(packet_.source, packet_.destination);
  std::swap(packet_.source_port, packet_.destination_port);
  answering_ = true;
  const auto home = travel(*target);
  prediction.back = std::exchange(steps_, {});
  if (!home) return finish(Fate::Silent, fmt::format("the answer: {}", lost_));
  if (*home != from) return finish(Fate::Silent, fmt::format("the answer goes to {}", name_of(*home)));
  if (packet_.source != flow.address)
    return finish(Fate::Silent, fmt::format("the answer comes from {}, which was not asked", to_string(packet_.source)));
  return finish(fate, fmt::format("{}{}{}", first_route_, first_route_.empty() || last_rule_.empty() ? "" : "; ", last_rule_));
}

Walk::Next Walk::travel(Place at) {
  if (has_address(at, packet_.destination)) {
    note(where_is(at), "its own address");
    return at;
  }
  std::set<std::tuple<Place, Ipv4Address, Ipv4Address>> seen;
  while (true) {
    if (!seen.emplace(at, packet_.source, packet_.destination).second) {
      loops_ = true;
      return lose(where_is(at), "has passed it on already: it goes round in circles (UDR-9)");
    }
    const auto next = leave(at);
    if (!next || is_at_home(*next)) return next;
    at = *next;
  }
}

Walk::Next Walk::leave(const Place& at) {
  return std::visit(
      Overloaded{[&](const MachinePlace* from) { return leave_machine(*from); },
                 [&](const GatewayPlace* from) { return leave_gateway(*from); }, [&](const SitePlace* from) { return leave_site(*from); },
                 [&](const SiteHostPlace& from) { return leave_site(*from.site); }, [&](const InternetHost*) { return cross_internet(); },
                 [&](const ServicePlace& from) { return leave_service(from); }},
      at);
}

bool Walk::is_at_home(const Place& place) const {
  return std::visit(
      Overloaded{[&](const MachinePlace* at) { return at->address == packet_.destination; }, [](const GatewayPlace*) { return false; },
                 [](const SitePlace*) { return false; }, [](const SiteHostPlace&) { return true; },
                 [](const InternetHost*) { return true; }, [](const ServicePlace&) { return true; }},
      place);
}

Fate Walk::answer_of(const Place& place, const Flow& flow, Prediction& prediction) const {
  if (flow.kind == CheckKind::Ping) return Fate::Answers;
  const auto serves = [&](const auto& host) {
    const auto& ports = host.programs.listens;
    return host.web == flow.port || std::ranges::find(ports, flow.port) != ports.end() ? Fate::Answers : Fate::Refused;
  };
  if (const auto* machine = std::get_if<const MachinePlace*>(&place)) return serves(*(*machine)->machine);
  if (const auto* host = std::get_if<const InternetHost*>(&place)) return serves(**host);
  if (const auto* host = std::get_if<SiteHostPlace>(&place)) return serves(*host->host);
  constexpr std::uint16_t kServicePort = 80;
  constexpr int kOk = 200;
  constexpr int kForbidden = 403;
  const auto& service = std::get<ServicePlace>(place);
  if (flow.port != kServicePort) return Fate::Refused;
  const auto [admitted, words] = admits(service);
  prediction.there.push_back({name_of(place), words, where_is(place).node});
  if (!service.service->command.empty()) return admitted ? Fate::Answers : Fate::Refused;
  if (flow.kind == CheckKind::Tcp) return Fate::Answers;
  prediction.status = admitted ? kOk : kForbidden;  // SA-7, SA-8
  return Fate::Status;
}

Walk::Next Walk::leave_machine(const MachinePlace& from) {
  if (!passes(from, RuleDirection::Outbound, Arrival::Usual, false)) return std::nullopt;
  return follow(*from.subnet, &from);
}

/// @param sender  nullptr for a gateway
Walk::Next Walk::follow(const SubnetPlace& subnet, const MachinePlace* sender) {
  remember(*subnet.network);
  const auto where = where_is(subnet);
  const auto [prefix, route] = subnet.route_to(packet_.destination);
  if (route == nullptr) return lose(where, fmt::format("no route to {}", to_string(packet_.destination)));
  const auto words = describe_route(prefix, *route);
  if (route->next_hop_type == NextHopType::None)
    return lose(where, fmt::format("{} drops it{}", words, idle_peering_words(*subnet.network)));
  note(where, words);
  if (first_route_.empty()) first_route_ = words;
  switch (route->next_hop_type) {
    case NextHopType::VnetLocal: return deliver(*subnet.network, Arrival::Usual);
    case NextHopType::VNetPeering:
    case NextHopType::VNetGlobalPeering: {
      const auto& remote = route->remote_virtual_network;
      const auto peer =
          std::ranges::find_if(subnet.network->peers, [&](const PeerPlace& p) { return same_name(p.remote->network->name, remote); });
      if (peer == subnet.network->peers.end()) return lose(where, "the peering is not there");
      const auto arrival = cross_peering(*subnet.network, *peer->remote, sender);
      return arrival ? deliver(*peer->remote, *arrival) : std::nullopt;
    }
    case NextHopType::Internet:
      if (auto idle = idle_peering_to(subnet.network->idle_peerings, packet_.destination); !idle.empty()) note(where, std::move(idle));
      return leave_by_edge(subnet, sender);
    case NextHopType::VirtualAppliance: return through_appliance(subnet, *route, sender);
    case NextHopType::VirtualNetworkGateway: return to_gateway(*subnet.network, sender);
    case NextHopType::VirtualNetworkServiceEndpoint: return to_service(subnet, sender);
    case NextHopType::None: break;
  }
  return std::nullopt;
}

Walk::Next Walk::deliver(const NetworkPlace& network, Arrival arrival) {
  const auto machine = network.machines.find(packet_.destination);
  if (machine != network.machines.end()) return receive(*machine->second, arrival);
  if (network.gateway != nullptr && network.gateway->gateway->private_ip_address == packet_.destination)
    return lose(where_is(Place{network.gateway}), "does not answer by itself");
  return lose(where_is(network), fmt::format("nobody has {}", to_string(packet_.destination)));
}

Walk::Next Walk::receive(const MachinePlace& machine, Arrival arrival, bool by_edge) {
  if (!passes(machine, RuleDirection::Inbound, arrival, by_edge)) return std::nullopt;
  remember(*machine.network);
  if (machine.address == packet_.destination) {
    translate_back(&machine);
    return &machine;
  }
  if (!machine.machine->ip_forwarding) return lose(where_is(Place{&machine}), "passes nothing on: it has no ip_forwarding (UDR-8)");
  note(where_is(Place{&machine}), "passes it on");
  const bool has_program = !machine.machine->programs.run.empty();
  met_program_ = met_program_ || has_program;
  if (has_program && translates_ && !answering_) translate(&machine, machine.address);
  return &machine;
}

Walk::Next Walk::through_appliance(const SubnetPlace& subnet, const EffectiveRoute& route, const MachinePlace* sender) {
  const auto& home = *subnet.network;
  const auto where = where_is(subnet);
  const auto address = route.next_hop_ip_address.empty() ? Ipv4Address{} : route.next_hop_ip_address.front();
  const auto reach = [&](const MachinePlace& appliance, Arrival arrival) -> Next {
    if (!appliance.machine->ip_forwarding && address != packet_.destination)
      return lose(where_is(Place{&appliance}), "has no ip_forwarding, so Azure gives it nothing to pass on (UDR-8)");
    return receive(appliance, arrival);
  };
  if (const auto own = home.machines.find(address); own != home.machines.end()) return reach(*own->second, Arrival::Usual);
  for (const auto& peer : home.peers) {
    const auto remote = peer.remote->machines.find(address);
    if (remote == peer.remote->machines.end()) continue;
    const auto arrival = cross_peering(home, *peer.remote, sender);
    return arrival ? reach(*remote->second, *arrival) : std::nullopt;
  }
  const auto idle = idle_peering_to(home.idle_peerings, address);
  return lose(where, fmt::format("the next hop {} is no machine of this network or a peer (UDR-7){}{}", to_string(address),
                                 idle.empty() ? "" : "; ", idle));
}

/// What is to be said where a packet is lost that a peering would carry if it were Connected (PEER-4), behind a `; `.
std::string Walk::idle_peering_words(const NetworkPlace& network) const {
  const auto idle = idle_peering_to(network.idle_peerings, packet_.destination);
  return idle.empty() ? idle : "; " + idle;
}

/// How a packet arrives in the peer; nullopt when allow_virtual_network_access lets it not even go (PEER-16).
std::optional<Arrival> Walk::cross_peering(const NetworkPlace& from, const NetworkPlace& to, const MachinePlace* sender) {
  remember(from);
  const auto* out = from.peer(to);
  const auto* in = to.peer(from);
  if (out == nullptr || in == nullptr) {
    lose(where_is(from), fmt::format("no peering with {}", to.network->name));
    return std::nullopt;
  }
  const bool has_groups = sender != nullptr && sender->has_groups();
  if (!out->link->allow_virtual_network_access && !has_groups && !is_known(from)) {
    lose(where_is(from),
         fmt::format("peering {}: allow_virtual_network_access is off, and no security group allows it (PEER-16)", out->link->name));
    return std::nullopt;
  }
  if (!in->link->allow_virtual_network_access) return Arrival::Foreign;
  return in->link->allow_forwarded_traffic ? Arrival::Forwarded : Arrival::Usual;
}

/// NSG-8, NSG-9, NSG-11, PIP-6.
bool Walk::passes(const MachinePlace& machine, RuleDirection direction, Arrival arrival, bool by_edge) {
  const auto where = where_is(Place{&machine});
  const auto& groups = machine.groups_for(arrival);
  if (is_known(*machine.network)) {
    if (!groups.empty()) note(where, "lets the answer of a known flow pass");
    return true;
  }
  if (!groups.empty()) {
    const auto verdict = evaluate(groups, direction, packet_);
    const auto words = describe_verdict(verdict, direction);
    if (!answering_ && direction == RuleDirection::Inbound) last_rule_ = words;
    note(where, words);
    if (verdict.access == RuleAccess::Allow) return true;
    lost_ = fmt::format("{}: {}", where.place, words);
    return false;
  }
  if (direction == RuleDirection::Outbound) return true;
  if (arrival == Arrival::Foreign) {
    lose(where, "what comes over a peering without allow_virtual_network_access needs a security group that lets it in (PEER-16)");
    return false;
  }
  if (by_edge && machine.machine->public_ip_address_sku == PublicIpAddressSku::Standard) {
    lose(where, "a Standard public address is closed without a security group (PIP-6)");
    return false;
  }
  return true;
}

void Walk::translate(const void* by, Ipv4Address shown) {
  translations_.push_back({by, shown, packet_.source});
  packet_.source = shown;
}

bool Walk::translate_back(const void* by) {
  if (!answering_) return false;
  const auto known = std::ranges::find_if(translations_, [&](const Translation& translation) {
    return translation.by == by && translation.shown == packet_.destination && translation.original != translation.shown;
  });
  if (known == translations_.end()) return false;
  packet_.destination = known->original;
  return true;
}

void Walk::note(const Where& where, std::string words) { steps_.push_back({where.place, std::move(words), where.node}); }

Walk::Next Walk::lose(const Where& where, std::string words) {
  lost_ = fmt::format("{}: {}", where.place, words);
  note(where, std::move(words));
  return std::nullopt;
}

void Walk::remember(const NetworkPlace& network) {
  if (!answering_) known_.emplace(&network, packet_.source, packet_.destination);
}

bool Walk::is_known(const NetworkPlace& network) const {
  return answering_ && known_.contains({&network, packet_.destination, packet_.source});
}

}  // namespace emu
