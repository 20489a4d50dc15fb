// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/translations.hpp"

#include <memory>
#include <optional>
#include <unordered_map>

#include "emu/fabric/names.hpp"
#include "emu/fabric/subnet_table.hpp"

namespace emu {
namespace {

/// The routes of one namespace, by table.
class RoutingTables {
 public:
  explicit RoutingTables(const netns::Namespace& name_space) {
    for (const auto& route : name_space.routes) tables_[route.table].emplace(route.destination, &route);
  }

  /// Whether the longest prefix that holds `destination` leads to the link `internet`. A `throw` goes on to the main table, which in a
  /// router leads there never (PEER-13).
  bool leads_to_edge(std::uint32_t table, Ipv4Address destination) const {
    const auto routes = tables_.find(table);
    if (routes == tables_.end()) return false;
    for (int length = 32; length >= 0; --length) {
      const auto found = routes->second.find(Ipv4Prefix::of(destination, length));
      if (found != routes->second.end()) return found->second->type == netns::RouteType::Unicast && found->second->device == kEdgeLink;
    }
    return false;
  }

 private:
  std::unordered_map<std::uint32_t, std::map<Ipv4Prefix, const netns::Route*>> tables_;
};

class RouterTranslations {
 public:
  RouterTranslations(const Model& model, const VirtualNetwork& network, const netns::Namespace& router)
      : network_(network), tables_(router) {
    for (const auto& machine : model.virtual_machines) {
      if (!same_name(machine.subnet.virtual_network, network.name)) continue;
      machines_.emplace(machine.private_ip_address->value, &machine);
      if (machine.public_ip_address) owners_.emplace(machine.public_ip_address->value, *machine.private_ip_address);
    }
  }

  bool is_outdated(const netns::Flow& flow) const {
    const auto& opened = flow.opened;
    if (flow.delivered.destination != opened.destination) {  // it came in by the edge
      const auto owner = owners_.find(opened.destination.value);
      return owner == owners_.end() || owner->second != flow.delivered.destination;
    }
    const auto shown = source_at_edge(opened);
    if (flow.shown != opened.source) return shown != flow.shown;
    return shown.has_value();
  }

 private:
  /// The address that a machine's packet leaves by the edge with; empty when it does not leave there.
  std::optional<Ipv4Address> source_at_edge(const netns::FlowEnds& ends) const {
    const auto found = machines_.find(ends.source.value);
    if (found == machines_.end()) return std::nullopt;
    const auto& machine = *found->second;
    const auto& subnet = *find_subnet(network_, machine.subnet.subnet);
    if (!tables_.leads_to_edge(table_of(subnet), ends.destination)) return std::nullopt;
    if (machine.public_ip_address) return machine.public_ip_address;
    return subnet.default_outbound_access ? network_.default_outbound_address : std::nullopt;
  }

  const VirtualNetwork& network_;
  RoutingTables tables_;
  std::unordered_map<std::uint32_t, const VirtualMachine*> machines_;  ///< by private address
  std::unordered_map<std::uint32_t, Ipv4Address> owners_;              ///< private addresses, by public ones
};

/// What leaves a site's device for the internet has its address.
class DeviceTranslations {
 public:
  DeviceTranslations(const OnPremises& site, const netns::Namespace& device) : address_(*site.public_ip_address), tables_(device) {}

  bool is_outdated(const netns::Flow& flow) const {
    const auto& opened = flow.opened;
    const bool is_its_own = opened.source == address_ || opened.destination == address_;
    const bool leaves = !is_its_own && tables_.leads_to_edge(netns::kMainTable, opened.destination);
    return flow.shown != (leaves ? address_ : opened.source);
  }

 private:
  Ipv4Address address_;
  RoutingTables tables_;
};

/// Most namespaces know no flow: what answers for one is made when it is first asked.
template <typename Translations, typename Make>
IsOutdated asked_late(Make make) {
  return [make, made = std::shared_ptr<const Translations>{}](const netns::Flow& flow) mutable {
    if (!made) made = std::make_shared<const Translations>(make());
    return made->is_outdated(flow);
  };
}

}  // namespace

std::map<std::string, IsOutdated> outdated_translations(const Model& model, const netns::State& state) {
  std::map<std::string, IsOutdated> out;
  for (const auto& network : model.virtual_networks) {
    const auto name = namespace_name(model.lab, network.name);
    out.emplace(name, asked_late<RouterTranslations>(
                          [&model, &network, &router = state.namespaces.at(name)] { return RouterTranslations(model, network, router); }));
  }
  for (const auto& site : model.on_premises) {
    const auto name = namespace_name(model.lab, site.name);
    out.emplace(name,
                asked_late<DeviceTranslations>([&site, &device = state.namespaces.at(name)] { return DeviceTranslations(site, device); }));
  }
  return out;
}

}  // namespace emu
