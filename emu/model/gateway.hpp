// SPDX-License-Identifier: Apache-2.0
// emu/model/gateway.hpp — site-to-site VPN: gateways, the sites they know, the connections between them, and the sites themselves.
//
// Theory of operation. As in Azure, a tunnel is described four times. The *virtual network gateway* is Azure's end, in its network's
// GatewaySubnet. The *local network gateway* is what Azure believes about the other end: an address and prefixes. The *connection*
// ties the two together and holds the key. The *site* (`on_premises`, which Azure does not have) is the other end as it really is,
// with a device, its own key and hosts. Nothing makes the two sides agree: where they differ, the tunnel does not come up, as in life.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emu/model/programs.hpp"
#include "netns/base/address.hpp"

namespace emu {

using netns::Ipv4Address;
using netns::Ipv4Prefix;

/// A text that is never shown: messages and reports print it as `***`. Only the store and the IPsec configuration read `reveal()`.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
};

/// `***`, and nothing for an empty one.
std::string_view to_string(const Secret& secret);

/// VPN-8, VPN-19: whether routes decide what enters a tunnel, or the addresses of both ends.
enum class VpnType { RouteBased, PolicyBased };

/// The subnet that a gateway lives in, by exactly this name (GWS-1).
inline constexpr std::string_view kGatewaySubnet = "GatewaySubnet";

struct VirtualNetworkGateway {
  std::string name;
  std::string virtual_network;
  VpnType vpn_type = VpnType::RouteBased;
  std::string sku = "VpnGw1";
  std::string public_ip_allocation_method = "Dynamic";  ///< Static when the file names the address
  std::optional<Ipv4Address> public_ip_address;         ///< resolved: a gateway always has one
  std::string default_local_network_gateway;            ///< the site that gets what is for the internet (DEF-5); may be empty
  std::optional<Ipv4Address> private_ip_address;        ///< resolved: the first usable address of GatewaySubnet

  bool operator==(const VirtualNetworkGateway&) const = default;
};

struct LocalNetworkGateway {
  std::string name;
  std::string gateway_address;  ///< as written: an address, or `on_premises.<site>` for that of its device
  std::vector<Ipv4Prefix> address_space;

  bool operator==(const LocalNetworkGateway&) const = default;
};

/// A custom policy, which replaces the default proposals entirely (VPN-14, VPN-16); the algorithms by Azure's names (VPN-13).
struct IpsecPolicy {
  std::string dh_group;
  std::string ike_encryption;
  std::string ike_integrity;
  std::string ipsec_encryption;
  std::string ipsec_integrity;
  std::string pfs_group;
  std::uint32_t sa_lifetime = 27000;      ///< seconds
  std::uint64_t sa_datasize = 102400000;  ///< kilobytes

  bool operator==(const IpsecPolicy&) const = default;
};

/// VPN-21.
struct TrafficSelectorPolicy {
  std::vector<Ipv4Prefix> local_address_cidrs;
  std::vector<Ipv4Prefix> remote_address_cidrs;

  bool operator==(const TrafficSelectorPolicy&) const = default;
};

/// VPN-33: which end may start.
enum class ConnectionMode { Default, InitiatorOnly, ResponderOnly };

struct VirtualNetworkGatewayConnection {
  std::string name;
  std::string virtual_network_gateway;
  std::string local_network_gateway;         ///< the other end of an IPsec connection; empty in a Vnet2Vnet one
  std::string peer_virtual_network_gateway;  ///< the other end of a Vnet2Vnet connection; empty in an IPsec one
  Secret shared_key;                         ///< also when it was read from a file
  std::string shared_key_file;               ///< as written
  std::optional<IpsecPolicy> ipsec_policy;
  bool use_policy_based_traffic_selectors = false;  ///< VPN-20
  std::vector<TrafficSelectorPolicy> traffic_selector_policies;
  ConnectionMode connection_mode = ConnectionMode::Default;
  std::uint32_t dpd_timeout_seconds = 45;

  bool operator==(const VirtualNetworkGatewayConnection&) const = default;
};

/// A machine behind a site's device.
struct OnPremisesHost {
  std::string name;
  Ipv4Address ip_address;
  std::optional<std::uint16_t> web;
  Programs programs;

  bool operator==(const OnPremisesHost&) const = default;
};

/// A site outside Azure: its VPN device, which has a public address, and the hosts behind it.
struct OnPremises {
  std::string name;
  std::vector<Ipv4Prefix> address_space;
  std::optional<Ipv4Address> public_ip_address;  ///< of the device: from the file, or resolved
  Secret shared_key;                             ///< also when it was read from a file
  std::string shared_key_file;                   ///< as written
  std::optional<IpsecPolicy> ipsec_policy;
  bool use_policy_based_traffic_selectors = false;
  ConnectionMode connection_mode = ConnectionMode::Default;
  /// What the device sends into the tunnel. Empty: the address space of the gateway's network and of the spokes that use the
  /// gateway, which in life somebody has to configure (VPN-43).
  std::vector<Ipv4Prefix> remote_address_space;
  std::vector<OnPremisesHost> hosts;

  bool operator==(const OnPremises&) const = default;
};

/// Azure's spelling: `RouteBased`, `InitiatorOnly`.
std::string_view to_string(VpnType type);
std::string_view to_string(ConnectionMode mode);

}  // namespace emu
