// SPDX-License-Identifier: Apache-2.0
#include "emu/report/graph.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "emu/model/gateway_lookup.hpp"
#include "emu/model/name_key.hpp"
#include "emu/model/service_lookup.hpp"
#include "emu/model/wording.hpp"
#include "emu/report/gateway_report.hpp"

namespace emu {
namespace {

using Details = std::vector<std::string>;

std::string_view word_of(GraphKind kind) {
  switch (kind) {
    case GraphKind::VirtualNetwork: return "VNet";
    case GraphKind::Subnet: return "subnet";
    case GraphKind::Site: return "site";
    case GraphKind::Services: return "services";
    case GraphKind::Internet: return "internet";
    case GraphKind::Appliance: return "appliance";
    case GraphKind::Gateway: return "gateway";
    case GraphKind::Device: return "device";
    case GraphKind::Machine:
    case GraphKind::Host:
    case GraphKind::Service:
    case GraphKind::Several:
    case GraphKind::Absent: return "";
  }
  return "";
}

/// `words` before `name`, where there is one.
void add_named(Details& details, std::string_view words, const std::string& name) {
  if (!name.empty()) details.push_back(fmt::format("{} {}", words, name));
}

void add_prefixes(Details& details, const std::vector<Ipv4Prefix>& prefixes) {
  if (!prefixes.empty()) details.push_back(joined(prefixes));
}

void add_address(Details& details, const std::optional<Ipv4Address>& address) {
  if (address) details.push_back(to_string(*address));
}

void add_public(Details& details, const std::optional<Ipv4Address>& address) {
  if (address) details.push_back(fmt::format("public {}", to_string(*address)));
}

void add_page(Details& details, const std::optional<std::uint16_t>& port) {
  if (port) details.push_back(fmt::format("http :{}", *port));
}

Details details_of(const VirtualNetwork& network) {
  Details details;
  add_prefixes(details, network.address_space);
  details.push_back(network.location);
  return details;
}

Details details_of(const Subnet& subnet) {
  Details details;
  add_prefixes(details, subnet.address_prefixes);
  add_named(details, "NSG", subnet.network_security_group);
  add_named(details, "route table", subnet.route_table);
  for (const auto& endpoint : subnet.service_endpoints) details.push_back(fmt::format("endpoint {}", endpoint));
  return details;
}

Details details_of(const VirtualMachine& machine) {
  Details details;
  add_address(details, machine.private_ip_address);
  add_public(details, machine.public_ip_address);
  add_page(details, machine.web);
  add_named(details, "NSG", machine.network_security_group);
  add_named(details, "ASG", fmt::format("{}", fmt::join(machine.application_security_groups, ", ")));
  return details;
}

Details details_of(const VirtualNetworkGateway& gateway) {
  Details details;
  add_address(details, gateway.private_ip_address);
  add_public(details, gateway.public_ip_address);
  details.emplace_back(to_string(gateway.vpn_type));
  add_named(details, "default site", gateway.default_local_network_gateway);
  return details;
}

Details details_of(const OnPremises& site) {
  Details details;
  add_prefixes(details, site.address_space);
  return details;
}

/// Of one that no site is behind.
Details details_of(const LocalNetworkGateway& local) {
  Details details{local.gateway_address};
  add_prefixes(details, local.address_space);
  details.emplace_back("nobody is there");
  return details;
}

/// Of a host of the internet or of a site.
template <typename AnyHost>
Details details_of_host(const AnyHost& host) {
  Details details{to_string(host.ip_address)};
  add_page(details, host.web);
  return details;
}

Details details_of(const Service& service) {
  Details details{service.type, service.location};
  add_address(details, service.address);
  if (service.network_rules.default_action == DefaultAction::Deny) details.emplace_back("default action Deny");
  return details;
}

/// A lab of a few machines shows each of them. In a large one there is room for few in each subnet.
std::size_t most_machines_of_a_subnet(const Model& model) {
  constexpr std::size_t kSmallLab = 30;
  return model.virtual_machines.size() <= kSmallLab ? 12 : 4;
}

std::string destination_of(const UserDefinedRoute& route) {
  return route.address_prefix ? to_string(*route.address_prefix) : route.service_tag;
}

bool is_in(const VirtualMachine& machine, const VirtualNetwork& network, const Subnet& subnet) {
  return same_name(machine.subnet.virtual_network, network.name) && same_name(machine.subnet.subnet, subnet.name);
}

class Builder {
 public:
  Builder(const Model& model, const std::vector<ConnectionStatus>& connections) : model_(model), connections_(connections) {}

  Graph build() {
    graph_.lab = model_.lab;
    for (const auto& network : model_.virtual_networks) add_network(network);
    for (const auto& site : model_.on_premises) add_site(site);
    add_services();
    add_internet();
    add_peerings();
    add_connections();
    add_endpoints();
    add_routes();
    add_ways_to_internet();
    return std::move(graph_);
  }

 private:
  GraphItem item(GraphKind kind, std::string name, Details details) { return {++last_id_, kind, std::move(name), std::move(details), {}}; }

  void add_network(const VirtualNetwork& network) {
    auto box = item(GraphKind::VirtualNetwork, network.name, details_of(network));
    networks_.emplace(name_key(network.name), box.id);
    for (const auto& subnet : network.subnets) box.items.push_back(subnet_item(network, subnet));
    graph_.items.push_back(std::move(box));
  }

  GraphItem subnet_item(const VirtualNetwork& network, const Subnet& subnet) {
    auto box = item(GraphKind::Subnet, subnet.name, details_of(subnet));
    subnets_.emplace(&subnet, box.id);
    add_machines(box, network, subnet);
    const auto* gateway = same_name(subnet.name, kGatewaySubnet) ? gateway_in(model_, network.name) : nullptr;
    if (gateway != nullptr) {
      box.items.push_back(item(GraphKind::Gateway, gateway->name, details_of(*gateway)));
      tunnel_ends_.emplace(name_key(gateway->name), last_id_);
    }
    return box;
  }

  void add_machines(GraphItem& box, const VirtualNetwork& network, const Subnet& subnet) {
    constexpr std::size_t kNamed = 3;
    std::vector<const VirtualMachine*> plain;
    for (const auto& machine : model_.virtual_machines) {
      if (!is_in(machine, network, subnet)) continue;
      if (machine.ip_forwarding) {
        box.items.push_back(item(GraphKind::Appliance, machine.name, details_of(machine)));
        appliances_.emplace(machine.name, last_id_);
      } else {
        plain.push_back(&machine);
      }
    }
    if (plain.size() <= most_machines_of_a_subnet(model_)) {
      for (const auto* machine : plain) box.items.push_back(item(GraphKind::Machine, machine->name, details_of(*machine)));
      return;
    }
    Details details;
    for (std::size_t i = 0; i < kNamed; ++i) details.push_back(plain[i]->name);
    details.push_back(fmt::format("... {}", plain.back()->name));
    box.items.push_back(item(GraphKind::Several, fmt::format("{} machines", plain.size()), std::move(details)));
  }

  void add_site(const OnPremises& site) {
    auto box = item(GraphKind::Site, site.name, details_of(site));
    Details device;
    add_public(device, site.public_ip_address);
    box.items.push_back(item(GraphKind::Device, site.name, std::move(device)));
    tunnel_ends_.emplace(name_key(site.name), last_id_);
    for (const auto& host : site.hosts) box.items.push_back(item(GraphKind::Host, host.name, details_of_host(host)));
    graph_.items.push_back(std::move(box));
  }

  void add_services() {
    const auto services = services_of(model_);
    if (services.empty()) return;
    auto box = item(GraphKind::Services, "", {});
    for (const auto* service : services) {
      box.items.push_back(item(GraphKind::Service, service->name, details_of(*service)));
      services_.emplace_back(service, last_id_);
    }
    graph_.items.push_back(std::move(box));
  }

  void add_internet() {
    const auto is_public = [](const auto& machine) { return machine.public_ip_address.has_value(); };
    if (model_.internet.hosts.empty() && std::ranges::none_of(model_.virtual_machines, is_public)) return;
    auto box = item(GraphKind::Internet, "", {});
    internet_ = box.id;
    for (const auto& host : model_.internet.hosts) box.items.push_back(item(GraphKind::Host, host.name, details_of_host(host)));
    graph_.items.push_back(std::move(box));
  }

  /// Something that is named, and not there.
  std::size_t add_absent(const std::string& name, Details details) {
    graph_.items.push_back(item(GraphKind::Absent, name, std::move(details)));
    return last_id_;
  }

  void add_peerings() {
    for (const auto& network : model_.virtual_networks) {
      for (const auto& link : network.peerings) add_peering(network, link);
    }
  }

  void add_peering(const VirtualNetwork& network, const VirtualNetworkPeering& link) {
    const auto from = networks_.at(name_key(network.name));
    const auto* remote = find_virtual_network(model_, link.remote_virtual_network);
    auto known = networks_.find(name_key(link.remote_virtual_network));
    if (known == networks_.end()) {
      const auto absent = add_absent(link.remote_virtual_network, {"removed"});
      known = networks_.emplace(name_key(link.remote_virtual_network), absent).first;
    }
    const auto to = known->second;
    const bool connected = link.peering_state == PeeringState::Connected && remote != nullptr;
    if (connected && to < from) return;  // the link back, which is Connected too, was drawn
    const bool global = remote != nullptr && remote->location != network.location;
    Details labels{fmt::format("{}peering {}", global ? "global " : "", to_string(link.peering_state))};
    if (connected && (uses_gateway_of(network, *remote) || uses_gateway_of(*remote, network))) labels.emplace_back("gateway transit");
    graph_.edges.push_back({GraphEdge::Kind::Peering, from, to, std::move(labels), connected, connected});
  }

  bool uses_gateway_of(const VirtualNetwork& network, const VirtualNetwork& remote) const {
    const auto* gateway = gateway_for(model_, network);
    return gateway != nullptr && same_name(gateway->virtual_network, remote.name);
  }

  void add_connections() {
    for (const auto& connection : model_.virtual_network_gateway_connections) {
      const auto* counterpart = counterpart_of(model_, connection);
      if (counterpart != nullptr && counterpart < &connection) continue;  // which shares the tunnel, and was drawn with it
      const auto* local = find_local_network_gateway(model_, connection.local_network_gateway);
      const auto* site = local == nullptr ? nullptr : site_behind(model_, *local);
      const auto* peer = gateway_at_other_end(model_, connection);
      GraphEdge edge{GraphEdge::Kind::Vpn, tunnel_ends_.at(name_key(connection.virtual_network_gateway)), 0, {}, true, true};
      if (site != nullptr)
        edge.to = tunnel_ends_.at(name_key(site->name));
      else if (peer != nullptr)
        edge.to = tunnel_ends_.at(name_key(peer->name));
      else
        edge.to = add_absent(local->name, details_of(*local));
      edge.both_ways = edge.connected = site != nullptr || counterpart != nullptr;
      add_connection(edge, connection);
      if (counterpart != nullptr) add_connection(edge, *counterpart);
      graph_.edges.push_back(std::move(edge));
    }
  }

  void add_connection(GraphEdge& edge, const VirtualNetworkGatewayConnection& connection) const {
    const auto status = status_of(connections_, connection.name).connection_status;
    const bool known = status != ConnectionStatus::State::Unknown;
    edge.labels.push_back(fmt::format("VPN {}{}{}", connection.name, known ? " " : "", known ? to_string(status) : ""));
    edge.connected = edge.connected && (!known || status == ConnectionStatus::State::Connected);
  }

  void add_endpoints() {
    for (const auto& network : model_.virtual_networks) {
      for (const auto& subnet : network.subnets) {
        for (const auto& [service, id] : services_) {
          if (has_endpoint_for(network, subnet, *service))
            graph_.edges.push_back({GraphEdge::Kind::ServiceEndpoint, subnets_.at(&subnet), id, {"service endpoint"}, false, true});
        }
      }
    }
  }

  /// One edge for all routes of a subnet through one machine.
  void add_routes() {
    for (const auto& network : model_.virtual_networks) {
      for (const auto& subnet : network.subnets) {
        const auto* table = find_route_table(model_, subnet.route_table);
        if (table == nullptr) continue;
        std::vector<std::pair<std::string, std::vector<std::string>>> through;  // an appliance, and where to
        for (const auto& route : table->routes) {
          const auto* appliance = appliance_of(network, route);
          if (appliance == nullptr || is_in(*appliance, network, subnet)) continue;  // nobody draws an edge from a box into itself
          auto known = std::ranges::find(through, appliance->name, [](const auto& entry) { return entry.first; });
          if (known == through.end()) known = through.insert(through.end(), {appliance->name, {}});
          known->second.push_back(destination_of(route));
        }
        for (const auto& [appliance, destinations] : through) {
          graph_.edges.push_back({GraphEdge::Kind::Route,
                                  subnets_.at(&subnet),
                                  appliances_.at(appliance),
                                  {fmt::format("{} via {}", fmt::join(destinations, ", "), appliance)},
                                  false,
                                  true});
        }
      }
    }
  }

  /// The machine that a route of `network` leads to: of this network, or of one that is peered with it. Networks may use one address.
  const VirtualMachine* appliance_of(const VirtualNetwork& network, const UserDefinedRoute& route) const {
    if (route.next_hop_type != NextHopType::VirtualAppliance || !route.next_hop_in_ip_address) return nullptr;
    const auto is_reached = [&](const std::string& other) {
      return same_name(other, network.name) ||
             std::ranges::any_of(network.peerings, [&](const auto& link) { return same_name(link.remote_virtual_network, other); });
    };
    const auto found = std::ranges::find_if(model_.virtual_machines, [&](const auto& machine) {
      return machine.ip_forwarding && machine.private_ip_address == route.next_hop_in_ip_address &&
             is_reached(machine.subnet.virtual_network);
    });
    return found == model_.virtual_machines.end() ? nullptr : &*found;
  }

  /// Of the networks that can be reached from the internet.
  void add_ways_to_internet() {
    constexpr std::size_t kNamed = 3;
    if (internet_ == 0) return;
    for (const auto& network : model_.virtual_networks) {
      std::vector<std::string> names;
      for (const auto& machine : model_.virtual_machines)
        if (machine.public_ip_address && same_name(machine.subnet.virtual_network, network.name)) names.push_back(machine.name);
      if (names.empty()) continue;
      const auto more = names.size() - std::min(names.size(), kNamed);
      names.resize(names.size() - more);
      graph_.edges.push_back({GraphEdge::Kind::Internet,
                              networks_.at(name_key(network.name)),
                              internet_,
                              {fmt::format("public {}{}", fmt::join(names, ", "), more == 0 ? "" : fmt::format(" and {} more", more))},
                              true,
                              true});
    }
  }

  const Model& model_;
  const std::vector<ConnectionStatus>& connections_;
  Graph graph_;
  std::size_t internet_ = 0;
  std::size_t last_id_ = 0;
  std::unordered_map<std::string, std::size_t> networks_;     ///< by name_key
  std::unordered_map<const Subnet*, std::size_t> subnets_;    ///< which others name by two names
  std::unordered_map<std::string, std::size_t> tunnel_ends_;  ///< gateways and sites' devices, by name_key
  std::unordered_map<std::string, std::size_t> appliances_;   ///< by name
  std::vector<std::pair<const Service*, std::size_t>> services_;
};

}  // namespace

Graph graph_of(const Model& model, const std::vector<ConnectionStatus>& connections) { return Builder(model, connections).build(); }

bool is_box(GraphKind kind) {
  switch (kind) {
    case GraphKind::VirtualNetwork:
    case GraphKind::Subnet:
    case GraphKind::Site:
    case GraphKind::Services:
    case GraphKind::Internet: return true;
    default: return false;
  }
}

std::string title_of(const GraphItem& item) {
  const auto word = word_of(item.kind);
  return fmt::format("{}{}{}", word, word.empty() || item.name.empty() ? "" : " ", item.name);
}

}  // namespace emu
