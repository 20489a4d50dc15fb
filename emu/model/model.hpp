// SPDX-License-Identifier: Apache-2.0
// emu/model/model.hpp — a lab's resources as plain values, with ARM's nouns and property names.
//
// One type serves two moments. What `scenario` reads from a file leaves ARM's read-only properties empty; `semantics::resolve`
// fills them in (addresses, peering states). A property that is filled in later says "resolved" in its comment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emu/model/flow_log.hpp"
#include "emu/model/gateway.hpp"
#include "emu/model/programs.hpp"
#include "emu/model/routing.hpp"
#include "emu/model/security.hpp"
#include "emu/model/services.hpp"
#include "netns/base/address.hpp"

namespace emu {

using netns::Ipv4Address;
using netns::Ipv4Prefix;
using netns::MacAddress;

/// Azure compares names and ids without regard to case and keeps the case it was given (NAME-4): that of ASCII letters, in every locale,
/// as `name_key` has it.
bool same_name(std::string_view a, std::string_view b);
bool same_subnet(const SubnetReference& a, const SubnetReference& b);

/// The node whose public address `vm1.public` means; empty for a name of another form.
std::optional<std::string_view> named_by_public(std::string_view name);

/// Whether `name` can name a lab: 1 to 20 characters a-z, 0-9 and '-', not '-' first. It becomes part of paths.
bool is_lab_name(std::string_view name);

/// PEER-3.
enum class PeeringState { Initiated, Connected, Disconnected };

/// PEER-3.
enum class PeeringSyncLevel { FullyInSync, RemoteNotInSync, LocalNotInSync, LocalAndRemoteNotInSync };

/// One link of a peering: it belongs to the virtual network it is listed in and points at another one.
struct VirtualNetworkPeering {
  std::string name;
  std::string remote_virtual_network;
  bool allow_virtual_network_access = true;
  bool allow_forwarded_traffic = false;
  bool allow_gateway_transit = false;
  bool use_remote_gateways = false;
  PeeringState peering_state = PeeringState::Initiated;                     ///< resolved
  PeeringSyncLevel peering_sync_level = PeeringSyncLevel::RemoteNotInSync;  ///< resolved
  std::vector<Ipv4Prefix> remote_address_space;                             ///< resolved: the remote blocks that routing uses (SYNC-3)

  bool operator==(const VirtualNetworkPeering&) const = default;
};

struct Subnet {
  std::string name;
  std::vector<Ipv4Prefix> address_prefixes;    ///< at least one (SUB-8)
  bool default_outbound_access = true;         ///< PIP-9, PIP-10
  std::string route_table;                     ///< its name, or empty
  std::vector<std::string> service_endpoints;  ///< SE-2: `Microsoft.Storage`
  std::string network_security_group;          ///< its name, or empty

  bool operator==(const Subnet&) const = default;
};

struct VirtualNetwork {
  std::string name;
  std::string location;  ///< lower case without spaces
  std::string resource_group;
  std::vector<Ipv4Prefix> address_space;
  std::vector<Subnet> subnets;
  std::vector<VirtualNetworkPeering> peerings;
  std::optional<Ipv4Address> default_outbound_address;  ///< resolved; the source of PIP-9

  bool operator==(const VirtualNetwork&) const = default;
};

struct VirtualMachine {
  std::string name;
  SubnetReference subnet;
  std::string private_ip_allocation_method = "Dynamic";  ///< Dynamic or Static (IPAM-1)
  std::optional<Ipv4Address> private_ip_address;         ///< Static: from the file. Dynamic: resolved
  bool has_public_ip_address = false;
  std::string public_ip_allocation_method = "Dynamic";  ///< Static when the file names the address
  std::optional<Ipv4Address> public_ip_address;         ///< resolved when has_public_ip_address
  PublicIpAddressSku public_ip_address_sku = PublicIpAddressSku::Standard;
  bool ip_forwarding = false;        ///< UDR-8; also turns on forwarding inside
  std::optional<std::uint16_t> web;  ///< TCP port on which the VM serves its small page
  Programs programs;
  std::string network_security_group;  ///< of its network interface, or empty
  std::vector<std::string> application_security_groups;

  bool operator==(const VirtualMachine&) const = default;
};

/// A host on the emulated internet, outside every virtual network.
struct InternetHost {
  std::string name;
  Ipv4Address ip_address;
  std::optional<std::uint16_t> web;
  Programs programs;

  bool operator==(const InternetHost&) const = default;
};

struct Internet {
  std::vector<InternetHost> hosts;

  bool operator==(const Internet&) const = default;
};

enum class CheckKind { Ping, Tcp, Udp, Http, Run };

/// The way a packet took, as seen on links, in the order of how much it says; `to_string` prints a value as a file spells it.
enum class Path { VirtualNetwork, Peering, ServiceEndpoint, Internet, Ipsec, Appliance };

/// What a check wants to happen.
enum class Outcome { Reachable, Blocked, Refused, Status };

struct Check {
  std::string from;  ///< a node
  CheckKind kind = CheckKind::Ping;
  std::string target;  ///< as written: a node, `node.public`, an address; tcp and udp add `:port`, http is a URL, run a command
  Outcome expect = Outcome::Reachable;
  int expected_status = 0;  ///< of HTTP, or the command's exit status, when `expect` is Outcome::Status
  std::optional<Path> path;
  std::string name;                      ///< what people call it; may be empty
  std::vector<std::string> through;      ///< nodes that the packets cross, in this order
  std::string output;                    ///< run: a regular expression that a line of the output matches; may be empty
  std::optional<std::uint32_t> timeout;  ///< in seconds; empty: as long as its kind takes otherwise

  bool operator==(const Check&) const = default;
};

struct Model {
  std::string lab;
  std::string location;
  std::string resource_group;
  Isolation isolation = Isolation::Sandbox;
  std::vector<VirtualNetwork> virtual_networks;
  std::vector<RouteTable> route_tables;
  std::vector<NetworkSecurityGroup> network_security_groups;
  std::vector<ApplicationSecurityGroup> application_security_groups;
  std::vector<FlowLog> flow_logs;
  std::vector<VirtualMachine> virtual_machines;
  std::vector<VirtualNetworkGateway> virtual_network_gateways;
  std::vector<LocalNetworkGateway> local_network_gateways;
  std::vector<VirtualNetworkGatewayConnection> virtual_network_gateway_connections;
  std::vector<OnPremises> on_premises;
  std::vector<Service> storage_accounts;  ///< their type is Microsoft.Storage
  std::vector<Service> services;          ///< of other types
  Internet internet;
  std::vector<Check> checks;

  bool operator==(const Model&) const = default;
};

/// Azure's spelling: `Connected`, `FullyInSync`.
std::string_view to_string(PeeringState state);
std::string_view to_string(PeeringSyncLevel level);
/// The lab file's spelling: `ping`, `tcp`, `udp`, `http`, `run`.
std::string_view to_string(CheckKind kind);
/// The lab file's spelling: `vnet`, `peering`, `service-endpoint`, `internet`, `ipsec`, `appliance`.
std::string_view to_string(Path path);
/// `reachable`, `blocked`, `refused`, an HTTP status as a number, or `status 0` of a command.
std::string expectation(const Check& check);

/// nullptr when there is none of that name.
const VirtualNetwork* find_virtual_network(const Model& model, std::string_view name);
const Subnet* find_subnet(const VirtualNetwork& network, std::string_view name);
/// The subnet a reference names; nullptr when the network or the subnet is missing.
const Subnet* find_subnet(const Model& model, const SubnetReference& reference);
const VirtualMachine* find_virtual_machine(const Model& model, std::string_view name);
const RouteTable* find_route_table(const Model& model, std::string_view name);
const NetworkSecurityGroup* find_network_security_group(const Model& model, std::string_view name);
const InternetHost* find_internet_host(const Model& model, std::string_view name);
/// The link of `network` that points at `remote`; nullptr when there is none.
const VirtualNetworkPeering* find_peering_to(const VirtualNetwork& network, std::string_view remote);

/// The address that a node name means: `vm1` its private address, `vm1.public` its public one, an internet or on-premises host its
/// own, a literal address itself; `gw.public` a gateway's public address, a site's name that of its device, a service's names its own.
/// Empty when the name means nothing or the address is not there.
std::optional<Ipv4Address> address_of(const Model& model, std::string_view name);

}  // namespace emu
