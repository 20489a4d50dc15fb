// SPDX-License-Identifier: Apache-2.0
// emu/scenario/kinds/gateway.hpp — VPN gateways, what they know of the other end, and connections.
#pragma once

#include <fmt/format.h>

#include "emu/model/ipsec_algorithms.hpp"
#include "emu/model/model.hpp"
#include "emu/model/wording.hpp"
#include "emu/scenario/kinds/common.hpp"

namespace emu {

template <typename T>
void read_policy(FieldReader& reader, const Place& place, T& into) {
  reader.read_object(place, into.ipsec_policy.emplace());
}

template <typename T>
void read_shared_key(FieldReader& reader, const Place& place, T& into) {
  std::string key;
  reader.read(place, key);
  into.shared_key = Secret(std::move(key));
}

template <typename T>
void read_connection_mode(FieldReader& reader, const Place& place, T& into) {
  constexpr std::array kModes{ConnectionMode::Default, ConnectionMode::InitiatorOnly, ConnectionMode::ResponderOnly};
  read_enumerated(reader, place, kModes, into.connection_mode);
}

/// Exactly one of `shared_key` and `shared_key_file`; `what` is what needs it.
template <typename T>
void require_key(FieldReader& reader, const Place& place, std::string_view what, const T& resource) {
  if (place.node.kind != YamlNode::Kind::Mapping) return;
  const bool here = reader.is_written(place, "shared_key") || !resource.shared_key.empty();
  const bool elsewhere = reader.is_written(place, "shared_key_file") || !resource.shared_key_file.empty();
  const auto name = resource.name.empty() ? std::string() : ' ' + emu::in_quotes(resource.name);
  if (here && elsewhere)
    reader.error(place, fmt::format("{}{} has both 'shared_key' and 'shared_key_file'", what, name));
  else if (!here && !elsewhere)
    reader.error(place, fmt::format("{}{} needs 'shared_key' or 'shared_key_file'", what, name));
}

inline void read_vpn_type(FieldReader& reader, const Place& place, VirtualNetworkGateway& gateway) {
  constexpr std::array kTypes{VpnType::RouteBased, VpnType::PolicyBased};
  read_enumerated(reader, place, kTypes, gateway.vpn_type);
}

inline void read_gateway_type(FieldReader& reader, const Place& place, VirtualNetworkGateway& /*gateway*/) {
  constexpr std::array<std::string_view, 1> kTypes{"Vpn"};
  constexpr std::array<std::string_view, 1> kTypesNotYet{"ExpressRoute"};
  read_choice(reader, place, kTypes, kTypesNotYet);
}

inline void read_sku(FieldReader& reader, const Place& place, VirtualNetworkGateway& gateway) {
  constexpr std::array<std::string_view, 13> kSkus{"Basic",  "Standard", "HighPerformance", "VpnGw1",   "VpnGw2",   "VpnGw3",  "VpnGw4",
                                                   "VpnGw5", "VpnGw1AZ", "VpnGw2AZ",        "VpnGw3AZ", "VpnGw4AZ", "VpnGw5AZ"};
  if (const auto sku = read_choice(reader, place, kSkus)) gateway.sku = kSkus[*sku];
}

/// `true` or an address: a gateway always has one.
inline void read_gateway_public_address(FieldReader& reader, const Place& place, VirtualNetworkGateway& gateway) {
  constexpr std::string_view kWhat = "true or an address";
  const auto text = reader.scalar(place, kWhat);
  if (!text || (place.node.plain && name_key(*text) == "true")) return;
  if (text->find_first_of(".:") == std::string_view::npos)
    return reader.error(place, fmt::format("'public_ip_address' must be {}, not {}", kWhat, emu::in_quotes(*text)));
  reader.read(place, gateway.public_ip_address);
  if (gateway.public_ip_address) gateway.public_ip_allocation_method = "Static";
}

template <>
struct ObjectKind<VirtualNetworkGateway> {
  using T = VirtualNetworkGateway;
  static constexpr std::string_view kTitle = "virtual network gateway";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"virtual_network", member<&T::virtual_network>, Presence::Required},
      Field<T>{"type", read_gateway_type},
      Field<T>{"vpn_type", read_vpn_type},
      Field<T>{"sku", read_sku},
      Field<T>{"public_ip_address", read_gateway_public_address},
      Field<T>{"default_local_network_gateway", member<&T::default_local_network_gateway>},
  };
  static constexpr std::array<std::string_view, 4> kNotYet{"active_active", "bgp_enabled", "bgp_settings", "nat_rules"};
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*gateway*/) {}
};

/// VPN-24.
inline void read_local_address_space(FieldReader& reader, const Place& place, LocalNetworkGateway& local) {
  if (place.node.kind == YamlNode::Kind::Sequence && place.node.items.empty())
    return reader.error(place, "the address space of a local network gateway is empty, which only a connection with BGP may have", "",
                        "Lazuli has no BGP: list the prefixes of the site");
  reader.read(place, local.address_space);
}

template <>
struct ObjectKind<LocalNetworkGateway> {
  using T = LocalNetworkGateway;
  static constexpr std::string_view kTitle = "local network gateway";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"gateway_address", member<&T::gateway_address>, Presence::Required},
      Field<T>{"address_space", read_local_address_space, Presence::Required},
  };
  static constexpr std::array<std::string_view, 2> kNotYet{"bgp_settings", "gateway_fqdn"};
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*local*/) {}
};

template <>
struct ObjectKind<IpsecPolicy> {
  using T = IpsecPolicy;
  static constexpr std::string_view kTitle = "ipsec policy";
  static constexpr std::array kFields{
      Field<T>{"dh_group", member<&T::dh_group>, Presence::Required},
      Field<T>{"ike_encryption", member<&T::ike_encryption>, Presence::Required},
      Field<T>{"ike_integrity", member<&T::ike_integrity>, Presence::Required},
      Field<T>{"ipsec_encryption", member<&T::ipsec_encryption>, Presence::Required},
      Field<T>{"ipsec_integrity", member<&T::ipsec_integrity>, Presence::Required},
      Field<T>{"pfs_group", member<&T::pfs_group>, Presence::Required},
      Field<T>{"sa_lifetime", member<&T::sa_lifetime>},
      Field<T>{"sa_datasize", member<&T::sa_datasize>},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& policy) {
    spell_as(algorithm_names(kDhGroups), policy.dh_group);
    spell_as(algorithm_names(kIkeEncryptions), policy.ike_encryption);
    spell_as(algorithm_names(kIkeIntegrities), policy.ike_integrity);
    spell_as(algorithm_names(kIpsecEncryptions), policy.ipsec_encryption);
    spell_as(algorithm_names(kIpsecIntegrities), policy.ipsec_integrity);
    spell_as(algorithm_names(kPfsGroups), policy.pfs_group);
  }
};

template <>
struct ObjectKind<TrafficSelectorPolicy> {
  using T = TrafficSelectorPolicy;
  static constexpr std::string_view kTitle = "traffic selector policy";
  static constexpr std::array kFields{
      Field<T>{"local_address_cidrs", member<&T::local_address_cidrs>, Presence::Required},
      Field<T>{"remote_address_cidrs", member<&T::remote_address_cidrs>, Presence::Required},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*policy*/) {}
};

inline constexpr std::array<std::string_view, 2> kConnectionTypes{"IPsec", "Vnet2Vnet"};

/// Which end it needs is checked when all of the connection was read.
inline void read_connection_type(FieldReader& reader, const Place& place, VirtualNetworkGatewayConnection& /*connection*/) {
  constexpr std::array<std::string_view, 1> kTypesNotYet{"ExpressRoute"};
  read_choice(reader, place, kConnectionTypes, kTypesNotYet);
}

inline void read_connection_protocol(FieldReader& reader, const Place& place, VirtualNetworkGatewayConnection& /*connection*/) {
  constexpr std::array<std::string_view, 1> kProtocols{"IKEv2"};
  constexpr std::array<std::string_view, 1> kProtocolsNotYet{"IKEv1"};
  read_choice(reader, place, kProtocols, kProtocolsNotYet);
}

template <>
struct ObjectKind<VirtualNetworkGatewayConnection> {
  using T = VirtualNetworkGatewayConnection;
  static constexpr std::string_view kTitle = "connection";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"type", read_connection_type},
      Field<T>{"virtual_network_gateway", member<&T::virtual_network_gateway>, Presence::Required},
      Field<T>{"local_network_gateway", member<&T::local_network_gateway>},
      Field<T>{"peer_virtual_network_gateway", member<&T::peer_virtual_network_gateway>},
      Field<T>{"shared_key", read_shared_key<T>},
      Field<T>{"shared_key_file", member<&T::shared_key_file>},
      Field<T>{"connection_protocol", read_connection_protocol},
      Field<T>{"connection_mode", read_connection_mode<T>},
      Field<T>{"dpd_timeout_seconds", member<&T::dpd_timeout_seconds>},
      Field<T>{"ipsec_policy", read_policy<T>},
      Field<T>{"use_policy_based_traffic_selectors", member<&T::use_policy_based_traffic_selectors>},
      Field<T>{"traffic_selector_policies", member<&T::traffic_selector_policies>},
  };
  static constexpr std::array<std::string_view, 3> kNotYet{"bgp_enabled", "egress_nat_rules", "ingress_nat_rules"};

  static void finish(FieldReader& reader, const Place& place, T& connection) {
    require_key(reader, place, kTitle, connection);
    check_ends(reader, place, connection);
  }

  /// Exactly one other end, and the one that `type` means.
  static void check_ends(FieldReader& reader, const Place& place, T& connection) {
    if (place.node.kind != YamlNode::Kind::Mapping) return;
    const bool to_site = reader.is_written(place, "local_network_gateway") || !connection.local_network_gateway.empty();
    const bool to_network = reader.is_written(place, "peer_virtual_network_gateway") || !connection.peer_virtual_network_gateway.empty();
    if (to_site == to_network) {
      connection.local_network_gateway.clear();
      connection.peer_virtual_network_gateway.clear();
      return reader.error(place, fmt::format("a connection has one other end, and this one has {}", to_site ? "two" : "none"), "",
                          "give local_network_gateway for a site (IPsec), or peer_virtual_network_gateway for a network (Vnet2Vnet)");
    }
    const auto type = find_word(kConnectionTypes, text_of(place.node, "type"));
    const auto wanted = kConnectionTypes[to_site ? 0 : 1];
    if (type && kConnectionTypes[*type] != wanted)
      reader.error(place,
                   fmt::format("a connection of type {} has a {}", kConnectionTypes[*type],
                               to_site ? "peer_virtual_network_gateway" : "local_network_gateway"),
                   "", fmt::format("this one is of type {}", wanted));
  }
};

}  // namespace emu
