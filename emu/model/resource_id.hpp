// SPDX-License-Identifier: Apache-2.0
// emu/model/resource_id.hpp — what ARM calls a resource of a lab.
#pragma once

#include <string>
#include <string_view>

#include "emu/model/model.hpp"

namespace emu {

/// `/subscriptions/0000.../resourceGroups/<group>/providers/Microsoft.Network/<type>/<name>`; a lab has no subscription.
inline std::string resource_id_in(std::string_view resource_group, std::string_view type, std::string_view name) {
  std::string id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/";
  return id.append(resource_group).append("/providers/Microsoft.Network/").append(type).append("/").append(name);
}

/// Of a resource in the lab's own group, which is every one but a virtual network with a group of its own.
inline std::string resource_id(const Model& model, std::string_view type, std::string_view name) {
  return resource_id_in(model.resource_group, type, name);
}

/// Of a virtual network, in its own group.
inline std::string virtual_network_id(const Model& model, std::string_view name) {
  const auto* network = find_virtual_network(model, name);
  return resource_id_in(network == nullptr ? model.resource_group : network->resource_group, "virtualNetworks", name);
}

/// Of a subnet, in the group of its network.
inline std::string subnet_id(const Model& model, const SubnetReference& subnet) {
  return virtual_network_id(model, subnet.virtual_network).append("/subnets/").append(subnet.subnet);
}

}  // namespace emu
