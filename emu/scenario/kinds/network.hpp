// SPDX-License-Identifier: Apache-2.0
// emu/scenario/kinds/network.hpp — virtual networks, their subnets and peerings.
#pragma once

#include "emu/model/model.hpp"
#include "emu/model/service_lookup.hpp"
#include "emu/scenario/kinds/common.hpp"

namespace emu {

/// What the portal fills in: a block and one subnet (VNET-10).
inline constexpr Ipv4Prefix kDefaultAddressSpace{{0x0A020000}, 16};
inline constexpr Ipv4Prefix kDefaultSubnet{{0x0A020000}, 24};

inline void read_network_location(FieldReader& reader, const Place& place, VirtualNetwork& network) {
  read_location(reader, place, network.location);
}

template <>
struct ObjectKind<VirtualNetworkPeering> {
  using T = VirtualNetworkPeering;
  static constexpr std::string_view kTitle = "peering";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"remote_virtual_network", member<&T::remote_virtual_network>, Presence::Required},
      Field<T>{"allow_virtual_network_access", member<&T::allow_virtual_network_access>},
      Field<T>{"allow_forwarded_traffic", member<&T::allow_forwarded_traffic>},
      Field<T>{"allow_gateway_transit", member<&T::allow_gateway_transit>},
      Field<T>{"use_remote_gateways", member<&T::use_remote_gateways>},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*peering*/) {}
};

/// SE-2.
inline void read_service_endpoints(FieldReader& reader, const Place& place, Subnet& subnet) {
  reader.read(place, subnet.service_endpoints);
  for (auto& endpoint : subnet.service_endpoints) spell_as(service_types(), endpoint);
}

template <>
struct ObjectKind<Subnet> {
  using T = Subnet;
  static constexpr std::string_view kTitle = "subnet";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"address_prefixes", member<&T::address_prefixes>, Presence::Required},
      Field<T>{"default_outbound_access", member<&T::default_outbound_access>},
      Field<T>{"route_table", member<&T::route_table>},
      Field<T>{"service_endpoints", read_service_endpoints},
      Field<T>{"network_security_group", member<&T::network_security_group>},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*subnet*/) {}
};

template <>
struct ObjectKind<VirtualNetwork> {
  using T = VirtualNetwork;
  static constexpr std::string_view kTitle = "virtual network";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"location", read_network_location},
      Field<T>{"resource_group", member<&T::resource_group>},
      Field<T>{"address_space", member<&T::address_space>},
      Field<T>{"subnets", member<&T::subnets>},
      Field<T>{"peerings", member<&T::peerings>},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& reader, const Place& place, T& network) {
    if (place.node.kind != YamlNode::Kind::Mapping || reader.is_written(place, "address_space") || !network.address_space.empty()) return;
    network.address_space = {kDefaultAddressSpace};
    if (reader.is_written(place, "subnets") || !network.subnets.empty()) return;
    Subnet subnet;
    subnet.name = "default";
    subnet.address_prefixes = {kDefaultSubnet};
    network.subnets = {subnet};
  }
};

}  // namespace emu
