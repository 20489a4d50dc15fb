// SPDX-License-Identifier: Apache-2.0
// emu/model/properties.hpp — the properties of each kind of resource, by the names they have in a saved model.
//
// `each_property(resource, visit)` calls `visit(name, property)` for each, in order; the resource may be constant or not, so that it
// serves for writing and for reading. The structured bindings see to it that a property which is added to the model and forgotten here
// does not compile.
#pragma once

#include <concepts>
#include <type_traits>

#include "emu/model/model.hpp"

namespace emu {

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

void each_property(Is<Programs> auto& resource, auto visit) {
  auto& [setup, run, environment, user, listens] = resource;
  visit("setup", setup);
  visit("run", run);
  visit("environment", environment);
  visit("user", user);
  visit("listens", listens);
}

void each_property(Is<VirtualMachine> auto& resource, auto visit) {
  auto& [name, subnet, private_ip_allocation_method, private_ip_address, has_public_ip_address, public_ip_allocation_method,
         public_ip_address, public_ip_address_sku, ip_forwarding, web, programs, network_security_group, application_security_groups] =
      resource;
  visit("name", name);
  visit("subnet", subnet);
  visit("private_ip_allocation_method", private_ip_allocation_method);
  visit("private_ip_address", private_ip_address);
  visit("has_public_ip_address", has_public_ip_address);
  visit("public_ip_allocation_method", public_ip_allocation_method);
  visit("public_ip_address", public_ip_address);
  visit("public_ip_address_sku", public_ip_address_sku);
  visit("ip_forwarding", ip_forwarding);
  visit("web", web);
  visit("programs", programs);
  visit("network_security_group", network_security_group);
  visit("application_security_groups", application_security_groups);
}

void each_property(Is<InternetHost> auto& resource, auto visit) {
  auto& [name, ip_address, web, programs] = resource;
  visit("name", name);
  visit("ip_address", ip_address);
  visit("web", web);
  visit("programs", programs);
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
  auto& [name, ip_address, web, programs] = resource;
  visit("name", name);
  visit("ip_address", ip_address);
  visit("web", web);
  visit("programs", programs);
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
  auto& [from, kind, target, expect, expected_status, path, name, through, output, timeout] = resource;
  visit("from", from);
  visit("kind", kind);
  visit("target", target);
  visit("expect", expect);
  visit("expected_status", expected_status);
  visit("path", path);
  visit("name", name);
  visit("through", through);
  visit("output", output);
  visit("timeout", timeout);
}

void each_property(Is<Model> auto& resource, auto visit) {
  auto& [lab, location, resource_group, isolation, virtual_networks, route_tables, network_security_groups, application_security_groups,
         flow_logs, virtual_machines, virtual_network_gateways, local_network_gateways, virtual_network_gateway_connections, on_premises,
         storage_accounts, services, internet, checks] = resource;
  visit("lab", lab);
  visit("location", location);
  visit("resource_group", resource_group);
  visit("isolation", isolation);
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

}  // namespace emu
