// SPDX-License-Identifier: Apache-2.0
#include "emu/model/model_json.hpp"

#include <fmt/format.h>

#include <array>
#include <concepts>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <type_traits>

namespace emu {
namespace {

using Json = nlohmann::ordered_json;

// The properties of each kind of resource, once for both directions. The structured bindings see to it that a property which is
// added to the model and forgotten here does not compile.
template <typename Resource, typename T>
concept Is = std::same_as<std::remove_const_t<Resource>, T>;

void each_property(Is<VirtualNetworkPeering> auto& resource, auto visit) {
  auto& [name, remote_virtual_network, allow_virtual_network_access, allow_forwarded_traffic, allow_gateway_transit, use_remote_gateways,
         peering_state, peering_sync_level, remote_address_space] = resource;
  visit("name", name);
  visit("remote_virtual_network", remote_virtual_network);
  visit("allow_virtual_network_access", allow_virtual_network_access);
  visit("allow_forwarded_traffic", allow_forwarded_traffic);
  visit("allow_gateway_transit", allow_gateway_transit);
  visit("use_remote_gateways", use_remote_gateways);
  visit("peering_state", peering_state);
  visit("peering_sync_level", peering_sync_level);
  visit("remote_address_space", remote_address_space);
}

void each_property(Is<Subnet> auto& resource, auto visit) {
  auto& [name, address_prefixes, default_outbound_access, route_table, service_endpoints, network_security_group] = resource;
  visit("name", name);
  visit("address_prefixes", address_prefixes);
  visit("default_outbound_access", default_outbound_access);
  visit("route_table", route_table);
  visit("service_endpoints", service_endpoints);
  visit("network_security_group", network_security_group);
}

void each_property(Is<PortRange> auto& resource, auto visit) {
  auto& [first, last] = resource;
  visit("first", first);
  visit("last", last);
}

void each_property(Is<RuleSide> auto& resource, auto visit) {
  auto& [port_ranges, address_prefixes, application_security_groups] = resource;
  visit("port_ranges", port_ranges);
  visit("address_prefixes", address_prefixes);
  visit("application_security_groups", application_security_groups);
}

void each_property(Is<SecurityRule> auto& resource, auto visit) {
  auto& [name, description, priority, direction, access, protocol, source, destination] = resource;
  visit("name", name);
  visit("description", description);
  visit("priority", priority);
  visit("direction", direction);
  visit("access", access);
  visit("protocol", protocol);
  visit("source", source);
  visit("destination", destination);
}

void each_property(Is<NetworkSecurityGroup> auto& resource, auto visit) {
  auto& [name, location, security_rules, flush_connection] = resource;
  visit("name", name);
  visit("location", location);
  visit("security_rules", security_rules);
  visit("flush_connection", flush_connection);
}

void each_property(Is<ApplicationSecurityGroup> auto& resource, auto visit) {
  auto& [name, location] = resource;
  visit("name", name);
  visit("location", location);
}

void each_property(Is<FlowLog> auto& resource, auto visit) {
  auto& [name, target, enabled] = resource;
  visit("name", name);
  visit("target", target);
  visit("enabled", enabled);
}

void each_property(Is<UserDefinedRoute> auto& resource, auto visit) {
  auto& [name, address_prefix, service_tag, next_hop_type, next_hop_in_ip_address] = resource;
  visit("name", name);
  visit("address_prefix", address_prefix);
  visit("service_tag", service_tag);
  visit("next_hop_type", next_hop_type);
  visit("next_hop_in_ip_address", next_hop_in_ip_address);
}

void each_property(Is<RouteTable> auto& resource, auto visit) {
  auto& [name, location, bgp_route_propagation_enabled, routes] = resource;
  visit("name", name);
  visit("location", location);
  visit("bgp_route_propagation_enabled", bgp_route_propagation_enabled);
  visit("routes", routes);
}

void each_property(Is<VirtualNetwork> auto& resource, auto visit) {
  auto& [name, location, resource_group, address_space, subnets, peerings, default_outbound_address] = resource;
  visit("name", name);
  visit("location", location);
  visit("resource_group", resource_group);
  visit("address_space", address_space);
  visit("subnets", subnets);
  visit("peerings", peerings);
  visit("default_outbound_address", default_outbound_address);
}

void each_property(Is<VirtualMachine> auto& resource, auto visit) {
  auto& [name, subnet, private_ip_allocation_method, private_ip_address, has_public_ip_address, public_ip_allocation_method,
         public_ip_address, ip_forwarding, web, run, network_security_group, application_security_groups] = resource;
  visit("name", name);
  visit("subnet", subnet);
  visit("private_ip_allocation_method", private_ip_allocation_method);
  visit("private_ip_address", private_ip_address);
  visit("has_public_ip_address", has_public_ip_address);
  visit("public_ip_allocation_method", public_ip_allocation_method);
  visit("public_ip_address", public_ip_address);
  visit("ip_forwarding", ip_forwarding);
  visit("web", web);
  visit("run", run);
  visit("network_security_group", network_security_group);
  visit("application_security_groups", application_security_groups);
}

void each_property(Is<InternetHost> auto& resource, auto visit) {
  auto& [name, ip_address, web, run] = resource;
  visit("name", name);
  visit("ip_address", ip_address);
  visit("web", web);
  visit("run", run);
}

void each_property(Is<VirtualNetworkGateway> auto& resource, auto visit) {
  auto& [name, virtual_network, vpn_type, sku, public_ip_allocation_method, public_ip_address, default_local_network_gateway,
         private_ip_address] = resource;
  visit("name", name);
  visit("virtual_network", virtual_network);
  visit("vpn_type", vpn_type);
  visit("sku", sku);
  visit("public_ip_allocation_method", public_ip_allocation_method);
  visit("public_ip_address", public_ip_address);
  visit("default_local_network_gateway", default_local_network_gateway);
  visit("private_ip_address", private_ip_address);
}

void each_property(Is<LocalNetworkGateway> auto& resource, auto visit) {
  auto& [name, gateway_address, address_space] = resource;
  visit("name", name);
  visit("gateway_address", gateway_address);
  visit("address_space", address_space);
}

void each_property(Is<IpsecPolicy> auto& resource, auto visit) {
  auto& [dh_group, ike_encryption, ike_integrity, ipsec_encryption, ipsec_integrity, pfs_group, sa_lifetime, sa_datasize] = resource;
  visit("dh_group", dh_group);
  visit("ike_encryption", ike_encryption);
  visit("ike_integrity", ike_integrity);
  visit("ipsec_encryption", ipsec_encryption);
  visit("ipsec_integrity", ipsec_integrity);
  visit("pfs_group", pfs_group);
  visit("sa_lifetime", sa_lifetime);
  visit("sa_datasize", sa_datasize);
}

void each_property(Is<TrafficSelectorPolicy> auto& resource, auto visit) {
  auto& [local_address_cidrs, remote_address_cidrs] = resource;
  visit("local_address_cidrs", local_address_cidrs);
  visit("remote_address_cidrs", remote_address_cidrs);
}

void each_property(Is<VirtualNetworkGatewayConnection> auto& resource, auto visit) {
  auto& [name, virtual_network_gateway, local_network_gateway, peer_virtual_network_gateway, shared_key, shared_key_file, ipsec_policy,
         use_policy_based_traffic_selectors, traffic_selector_policies, connection_mode, dpd_timeout_seconds] = resource;
  visit("name", name);
  visit("virtual_network_gateway", virtual_network_gateway);
  visit("local_network_gateway", local_network_gateway);
  visit("peer_virtual_network_gateway", peer_virtual_network_gateway);
  visit("shared_key", shared_key);
  visit("shared_key_file", shared_key_file);
  visit("ipsec_policy", ipsec_policy);
  visit("use_policy_based_traffic_selectors", use_policy_based_traffic_selectors);
  visit("traffic_selector_policies", traffic_selector_policies);
  visit("connection_mode", connection_mode);
  visit("dpd_timeout_seconds", dpd_timeout_seconds);
}

void each_property(Is<OnPremisesHost> auto& resource, auto visit) {
  auto& [name, ip_address, web, run] = resource;
  visit("name", name);
  visit("ip_address", ip_address);
  visit("web", web);
  visit("run", run);
}

void each_property(Is<OnPremises> auto& resource, auto visit) {
  auto& [name, address_space, public_ip_address, shared_key, shared_key_file, ipsec_policy, use_policy_based_traffic_selectors,
         connection_mode, remote_address_space, hosts] = resource;
  visit("name", name);
  visit("address_space", address_space);
  visit("public_ip_address", public_ip_address);
  visit("shared_key", shared_key);
  visit("shared_key_file", shared_key_file);
  visit("ipsec_policy", ipsec_policy);
  visit("use_policy_based_traffic_selectors", use_policy_based_traffic_selectors);
  visit("connection_mode", connection_mode);
  visit("remote_address_space", remote_address_space);
  visit("hosts", hosts);
}

void each_property(Is<NetworkRules> auto& resource, auto visit) {
  auto& [default_action, bypass, virtual_network_subnets, ip_rules, ignore_missing_vnet_service_endpoint] = resource;
  visit("default_action", default_action);
  visit("bypass", bypass);
  visit("virtual_network_subnets", virtual_network_subnets);
  visit("ip_rules", ip_rules);
  visit("ignore_missing_vnet_service_endpoint", ignore_missing_vnet_service_endpoint);
}

void each_property(Is<Service> auto& resource, auto visit) {
  auto& [name, type, location, network_rules, command, address] = resource;
  visit("name", name);
  visit("type", type);
  visit("location", location);
  visit("network_rules", network_rules);
  visit("command", command);
  visit("address", address);
}

void each_property(Is<Internet> auto& resource, auto visit) {
  auto& [hosts] = resource;
  visit("hosts", hosts);
}

void each_property(Is<Check> auto& resource, auto visit) {
  auto& [from, kind, target, expect, expected_status, path] = resource;
  visit("from", from);
  visit("kind", kind);
  visit("target", target);
  visit("expect", expect);
  visit("expected_status", expected_status);
  visit("path", path);
}

void each_property(Is<Model> auto& resource, auto visit) {
  auto& [lab, location, resource_group, public_ip_address_sku, virtual_networks, route_tables, network_security_groups,
         application_security_groups, flow_logs, virtual_machines, virtual_network_gateways, local_network_gateways,
         virtual_network_gateway_connections, on_premises, storage_accounts, services, internet, checks] = resource;
  visit("lab", lab);
  visit("location", location);
  visit("resource_group", resource_group);
  visit("public_ip_address_sku", public_ip_address_sku);
  visit("virtual_networks", virtual_networks);
  visit("route_tables", route_tables);
  visit("network_security_groups", network_security_groups);
  visit("application_security_groups", application_security_groups);
  visit("flow_logs", flow_logs);
  visit("virtual_machines", virtual_machines);
  visit("virtual_network_gateways", virtual_network_gateways);
  visit("local_network_gateways", local_network_gateways);
  visit("virtual_network_gateway_connections", virtual_network_gateway_connections);
  visit("on_premises", on_premises);
  visit("storage_accounts", storage_accounts);
  visit("services", services);
  visit("internet", internet);
  visit("checks", checks);
}

template <typename T>
concept Resource = requires(T& value) {
  each_property(value, [](const char*, auto&) {});
};

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::Reachable: return "reachable";
    case Outcome::Blocked: return "blocked";
    case Outcome::Status: return "status";
  }
  return "";
}

template <typename Enum>
struct Values;
template <>
struct Values<PeeringState> {
  static constexpr std::array kAll{PeeringState::Initiated, PeeringState::Connected, PeeringState::Disconnected};
};
template <>
struct Values<PeeringSyncLevel> {
  static constexpr std::array kAll{PeeringSyncLevel::FullyInSync, PeeringSyncLevel::RemoteNotInSync, PeeringSyncLevel::LocalNotInSync,
                                   PeeringSyncLevel::LocalAndRemoteNotInSync};
};
template <>
struct Values<CheckKind> {
  static constexpr std::array kAll{CheckKind::Ping, CheckKind::Tcp, CheckKind::Http};
};
template <>
struct Values<Outcome> {
  static constexpr std::array kAll{Outcome::Reachable, Outcome::Blocked, Outcome::Status};
};
template <>
struct Values<Path> {
  static constexpr std::array kAll{Path::VirtualNetwork, Path::Peering,  Path::ServiceEndpoint,
                                   Path::Ipsec,          Path::Internet, Path::Appliance};
};
template <>
struct Values<DefaultAction> {
  static constexpr std::array kAll{DefaultAction::Allow, DefaultAction::Deny};
};

template <>
struct Values<RuleDirection> {
  static constexpr std::array kAll{RuleDirection::Inbound, RuleDirection::Outbound};
};
template <>
struct Values<RuleAccess> {
  static constexpr std::array kAll{RuleAccess::Allow, RuleAccess::Deny};
};
template <>
struct Values<RuleProtocol> {
  static constexpr std::array kAll{RuleProtocol::Any,  RuleProtocol::Tcp, RuleProtocol::Udp,
                                   RuleProtocol::Icmp, RuleProtocol::Esp, RuleProtocol::Ah};
};
template <>
struct Values<PublicIpAddressSku> {
  static constexpr std::array kAll{PublicIpAddressSku::Basic, PublicIpAddressSku::Standard};
};
template <>
struct Values<VpnType> {
  static constexpr std::array kAll{VpnType::RouteBased, VpnType::PolicyBased};
};
template <>
struct Values<ConnectionMode> {
  static constexpr std::array kAll{ConnectionMode::Default, ConnectionMode::InitiatorOnly, ConnectionMode::ResponderOnly};
};
template <>
struct Values<NextHopType> {
  static constexpr std::array kAll{NextHopType::VnetLocal,
                                   NextHopType::VNetPeering,
                                   NextHopType::VNetGlobalPeering,
                                   NextHopType::Internet,
                                   NextHopType::None,
                                   NextHopType::VirtualAppliance,
                                   NextHopType::VirtualNetworkGateway,
                                   NextHopType::VirtualNetworkServiceEndpoint};
};

template <typename T>
concept Enumeration = std::is_enum_v<T>;

template <typename T>
Json write(const T& value) {
  return value;
}

template <Enumeration T>
Json write(const T& value) {
  return to_string(value);
}

template <Resource T>
Json write(const T& value);

Json write(const Ipv4Address& value) { return to_string(value); }

Json write(const Ipv4Prefix& value) { return to_string(value); }

/// The one place besides the IPsec configuration that a key is written to: the file is the owner's alone.
Json write(const Secret& value) { return value.reveal(); }

Json write(const SubnetReference& value) { return fmt::format("{}/{}", value.virtual_network, value.subnet); }

template <typename T>
Json write(const std::vector<T>& values) {
  Json out = Json::array();
  auto& elements = out.get_ref<Json::array_t&>();
  elements.reserve(values.size());
  for (const auto& value : values) elements.push_back(write(value));
  return out;
}

/// The properties of a resource that says nothing, in the order of `each_property`: what a missing key is read as.
template <Resource T>
const std::vector<const void*>& defaults() {
  static const T resource{};
  static const auto properties = [] {
    std::vector<const void*> pointers;
    each_property(resource, [&](const char*, const auto& property) { pointers.push_back(&property); });
    return pointers;
  }();
  return properties;
}

template <Resource T>
Json write(const T& value) {
  Json out = Json::object();
  auto& members = out.get_ref<Json::object_t&>();
  auto otherwise = defaults<T>().begin();
  each_property(value, [&]<typename Property>(const char* key, const Property& property) {
    if (property == *static_cast<const Property*>(*otherwise++)) return;
    if constexpr (requires { property.has_value(); }) {
      if (property) members.emplace_back(key, write(*property));
    } else {
      members.emplace_back(key, write(property));
    }
  });
  return out;
}

/// What `parse` made of `text`.
template <typename T>
T understood(const std::optional<T>& parsed, std::string_view text) {
  if (!parsed) throw std::runtime_error(fmt::format("'{}' is not a value of its kind", text));
  return *parsed;
}

template <typename T>
void read(const Json& json, T& value) {
  json.get_to(value);
}

template <Enumeration T>
void read(const Json& json, T& value) {
  const auto& text = json.get_ref<const std::string&>();
  std::optional<T> found;
  for (const auto candidate : Values<T>::kAll) {
    if (to_string(candidate) == text) found = candidate;
  }
  value = understood(found, text);
}

template <Resource T>
void read(const Json& json, T& value);

void read(const Json& json, Ipv4Address& value) {
  const auto& text = json.get_ref<const std::string&>();
  value = understood(Ipv4Address::parse(text), text);
}

void read(const Json& json, Ipv4Prefix& value) {
  const auto& text = json.get_ref<const std::string&>();
  value = understood(Ipv4Prefix::parse(text), text);
}

void read(const Json& json, Secret& value) { value = Secret(json.get<std::string>()); }

void read(const Json& json, SubnetReference& value) {
  const auto& text = json.get_ref<const std::string&>();
  const auto slash = text.find('/');
  if (slash == std::string::npos) throw std::runtime_error(fmt::format("'{}' is not a subnet", text));
  value = {text.substr(0, slash), text.substr(slash + 1)};
}

template <typename T>
void read(const Json& json, std::optional<T>& value) {
  read(json, value.emplace());
}

template <typename T>
void read(const Json& json, std::vector<T>& values) {
  values.reserve(json.size());
  for (const auto& element : json.get_ref<const Json::array_t&>()) read(element, values.emplace_back());
}

template <Resource T>
void read(const Json& json, T& value) {
  const auto& object = json.get_ref<const Json::object_t&>();
  each_property(value, [&](const char* key, auto& property) {
    if (const auto found = object.find(key); found != object.end()) read(found->second, property);
  });
}

}  // namespace

std::string to_json(const Model& model) { return write(model).dump() + '\n'; }

Model model_from_json(std::string_view text) {
  try {
    Model model;
    read(Json::parse(text), model);
    return model;
  } catch (const std::exception& error) {
    throw std::runtime_error(fmt::format("this is not a saved model: {}", error.what()));
  }
}

}  // namespace emu
