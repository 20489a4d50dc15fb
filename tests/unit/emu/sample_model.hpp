// SPDX-License-Identifier: Apache-2.0
// tests/unit/emu/sample_model.hpp — resources in few words, for tests that build a model by hand.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emu/model/model.hpp"
#include "emu/semantics/resolve.hpp"

namespace emu::sample {

inline Ipv4Address address(std::string_view text) { return Ipv4Address::parse(text).value(); }

inline Ipv4Prefix prefix(std::string_view text) { return Ipv4Prefix::parse(text).value(); }

inline std::vector<Ipv4Prefix> prefixes(const std::vector<std::string_view>& texts) {
  std::vector<Ipv4Prefix> out;
  out.reserve(texts.size());
  for (const auto text : texts) out.push_back(prefix(text));
  return out;
}

/// As a lab that runs after `previous` has it.
inline Model resolved(const Model& model, const Model* previous = nullptr) { return resolve(model, previous).model; }

inline Subnet subnet(std::string name, const std::vector<std::string_view>& address_prefixes) {
  Subnet out;
  out.name = std::move(name);
  out.address_prefixes = prefixes(address_prefixes);
  return out;
}

/// A link named `<network>-to-<remote>` by its caller.
inline VirtualNetworkPeering peering(std::string name, std::string remote) {
  VirtualNetworkPeering out;
  out.name = std::move(name);
  out.remote_virtual_network = std::move(remote);
  return out;
}

/// In westus, without subnets and peerings.
inline VirtualNetwork network(std::string name, const std::vector<std::string_view>& address_space, std::vector<Subnet> subnets = {}) {
  VirtualNetwork out;
  out.name = std::move(name);
  out.location = "westus";
  out.resource_group = "lab";
  out.address_space = prefixes(address_space);
  out.subnets = std::move(subnets);
  return out;
}

/// With a dynamic private address and no public one.
inline VirtualMachine machine(std::string name, std::string virtual_network, std::string subnet_name) {
  VirtualMachine out;
  out.name = std::move(name);
  out.subnet = {std::move(virtual_network), std::move(subnet_name)};
  return out;
}

inline VirtualMachine with_private(VirtualMachine out, std::string_view text) {
  out.private_ip_allocation_method = "Static";
  out.private_ip_address = address(text);
  return out;
}

/// A dynamic public address, or the static one that `text` names.
inline VirtualMachine with_public(VirtualMachine out, std::string_view text = {}) {
  out.has_public_ip_address = true;
  if (text.empty()) return out;
  out.public_ip_allocation_method = "Static";
  out.public_ip_address = address(text);
  return out;
}

/// To `prefix`, a prefix or a service tag.
inline UserDefinedRoute route(std::string name, std::string_view prefix, NextHopType type, std::string_view next_hop = {}) {
  UserDefinedRoute out;
  out.name = std::move(name);
  out.address_prefix = Ipv4Prefix::parse(prefix);
  if (!out.address_prefix) out.service_tag = prefix;
  out.next_hop_type = type;
  if (!next_hop.empty()) out.next_hop_in_ip_address = address(next_hop);
  return out;
}

inline RouteTable route_table(std::string name, std::vector<UserDefinedRoute> routes) {
  RouteTable out;
  out.name = std::move(name);
  out.routes = std::move(routes);
  return out;
}

inline InternetHost host(std::string name, std::string_view text) {
  InternetHost out;
  out.name = std::move(name);
  out.ip_address = address(text);
  return out;
}

}  // namespace emu::sample
