// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "emu/model/wording.hpp"
#include "emu/semantics/rules.hpp"
#include "emu/semantics/security_tags.hpp"
#include "emu/semantics/service_tags.hpp"

namespace emu {
namespace {

// LIM-1
constexpr std::size_t kMostTables = 200;
constexpr std::size_t kMostRoutes = 400;
constexpr std::size_t kMostRoutesToTags = 25;

std::string table_path(std::size_t table) { return fmt::format("route_tables[{}]", table); }
std::string route_path(std::size_t table, std::size_t route) { return fmt::format("route_tables[{}].routes[{}]", table, route); }

class RouteTableRules {
 public:
  RouteTableRules(const Subject& subject, Findings& findings)
      : subject_(subject), tables_(subject.model.route_tables), names_(tables_), findings_(findings) {}

  void check() {
    check_names_in_list(tables_, "route table", table_path, findings_);
    if (tables_.size() > kMostTables)
      findings_.error(table_path(kMostTables), fmt::format("a lab has at most {} route tables, not {}", kMostTables, tables_.size()));
    for (std::size_t i = 0; i < tables_.size(); ++i) check_table(i);
    for (std::size_t n = 0; n < subject_.model.virtual_networks.size(); ++n) {
      for (std::size_t s = 0; s < subject_.model.virtual_networks[n].subnets.size(); ++s) check_subnet(n, s);
    }
  }

 private:
  void check_table(std::size_t table) {
    const auto& routes = tables_[table].routes;
    check_names_in_list(
        routes, "route", [table](std::size_t route) { return route_path(table, route); }, findings_);
    if (routes.size() > kMostRoutes)
      findings_.error(route_path(table, kMostRoutes),
                      fmt::format("a route table has at most {} routes, not {}", kMostRoutes, routes.size()));
    std::size_t to_tags = 0;
    std::map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < routes.size(); ++i) {
      const auto path = route_path(table, i);
      check_route(path, routes[i]);
      const auto destination = routes[i].address_prefix ? to_string(*routes[i].address_prefix) : name_key(routes[i].service_tag);
      if (destination.empty()) continue;
      const auto [first, is_new] = seen.emplace(destination, i);
      if (!is_new)
        findings_.error(path + ".address_prefix",
                        fmt::format("route table {} has two routes to {}, the first{}", in_quotes(tables_[table].name), destination,
                                    findings_.in_line(route_path(table, first->second))));
      if (!routes[i].service_tag.empty() && ++to_tags == kMostRoutesToTags + 1)
        findings_.error(path, fmt::format("a route table has at most {} routes to service tags", kMostRoutesToTags));
    }
  }

  void check_route(const std::string& path, const UserDefinedRoute& route) {
    if (is_security_tag(route.service_tag) && !is_service_tag(route.service_tag))
      findings_.error(path + ".address_prefix",
                      fmt::format("a route cannot lead to {}: only security rules name it", in_quotes(route.service_tag)),
                      "InvalidAddressPrefixFormat", "write a prefix, like 0.0.0.0/0, or the tag of a service, like Storage");
    else if (!route.service_tag.empty() && !is_service_tag(route.service_tag))
      findings_.error(path + ".address_prefix",
                      fmt::format("{} is neither an address prefix nor a service tag{}", in_quotes(route.service_tag),
                                  findings_.guess(route.service_tag, service_tag_names())),
                      "InvalidAddressPrefixFormat",
                      "write a prefix, or a tag like Storage or AzureCloud, also with a region: Storage.westus");
    if (!route.next_hop_type) return;
    const bool to_appliance = *route.next_hop_type == NextHopType::VirtualAppliance;
    if (to_appliance && !route.next_hop_in_ip_address)
      findings_.error(path,
                      fmt::format("route {} needs 'next_hop_in_ip_address': its next hop is a VirtualAppliance", in_quotes(route.name)),
                      "MissingNextHopIpAddress");
    if (!to_appliance && route.next_hop_in_ip_address)
      findings_.error(
          path + ".next_hop_in_ip_address",
          fmt::format("route {} has a next hop address, and its next hop is {}", in_quotes(route.name), to_string(*route.next_hop_type)),
          "", "only a VirtualAppliance has an address");
  }

  void check_subnet(std::size_t network, std::size_t subnet) {
    const auto& owner = subject_.model.virtual_networks[network];
    const auto& user = owner.subnets[subnet];
    if (user.route_table.empty()) return;
    const auto path = subnet_path(network, subnet) + ".route_table";
    const auto found = names_.find(user.route_table);
    if (!found)
      return findings_.missing(
          path, {"route table"},
          fmt::format("there is no route table {}{}", in_quotes(user.route_table), findings_.guess(user.route_table, names_.names())));
    const auto& table = tables_[*found];
    if (!table.location.empty() && table.location != owner.location)
      findings_.error(path,
                      fmt::format("route table {} is in {}, and virtual network {} in {}", in_quotes(table.name), table.location,
                                  in_quotes(owner.name), owner.location),
                      kInvalidReference, "a subnet's route table is in the region of its network");
    check_gateway_subnet(path, user, table);
    check_appliances(path, user, table);
  }

  /// GWS-4.
  void check_gateway_subnet(const std::string& path, const Subnet& subnet, const RouteTable& table) {
    if (subnet.name != kGatewaySubnet) return;
    const bool has_default =
        std::ranges::any_of(table.routes, [](const auto& route) { return route.address_prefix && route.address_prefix->length == 0; });
    if (has_default)
      findings_.error(path, fmt::format("GatewaySubnet cannot have route table {}: its route to 0.0.0.0/0 would stop the gateway",
                                        in_quotes(table.name)));
    if (!table.bgp_route_propagation_enabled)
      findings_.error(path, fmt::format("GatewaySubnet cannot have route table {}: without route propagation the gateway would stop",
                                        in_quotes(table.name)));
  }

  /// UDR-9.
  void check_appliances(const std::string& path, const Subnet& subnet, const RouteTable& table) {
    for (const auto& route : table.routes) {
      if (!route.next_hop_in_ip_address) continue;
      const auto address = *route.next_hop_in_ip_address;
      if (std::ranges::none_of(subnet.address_prefixes, [&](const auto& prefix) { return prefix.contains(address); })) continue;
      findings_.warning(
          path,
          fmt::format("route {} sends the packets of {} to {} in the same subnet, and what the appliance passes on back to it",
                      in_quotes(route.name), in_quotes(subnet.name), to_string(address)),
          "", "put the appliance into a subnet of its own");
      return;
    }
  }

  const Subject& subject_;
  const std::vector<RouteTable>& tables_;
  NameIndex names_;
  Findings& findings_;
};

}  // namespace

void check_route_tables(const Subject& subject, Findings& findings) { RouteTableRules(subject, findings).check(); }

}  // namespace emu
