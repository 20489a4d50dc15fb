// SPDX-License-Identifier: Apache-2.0
// netns/state/state.hpp — what a set of network namespaces should hold, or holds: values with ==.
//
// The same types describe what is desired and what was observed; `reconcile` compares the two. Only what Lazuli sets is
// described: a route or a ruleset that a person added in a namespace is neither seen nor touched.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "netns/base/address.hpp"

namespace netns {

/// Our routes carry this protocol number (rtnetlink(7), rtm_protocol); iproute2 shows it as `proto 76`.
inline constexpr std::uint8_t kRouteProtocol = 76;
inline constexpr std::uint32_t kMainTable = 254;

enum class LinkKind { Loopback, Veth, Bridge, Xfrm };

struct InterfaceAddress {
  Ipv4Address address;
  int prefix_length = 32;
  /// Without it the kernel adds a route for the prefix, which one address on several links cannot have.
  bool prefix_route = true;

  auto operator<=>(const InterfaceAddress&) const = default;
};

/// The other end of a veth pair.
struct VethPeer {
  std::string name_space;
  std::string link;

  auto operator<=>(const VethPeer&) const = default;
};

struct Link {
  LinkKind kind = LinkKind::Veth;
  std::optional<VethPeer> peer;       ///< of a veth, when desired; what is read back is ObservedLink::peer_ifindex
  std::optional<MacAddress> address;  ///< empty: the kernel's choice
  std::uint32_t interface_id = 0;     ///< of an xfrm interface: packets go through the IPsec policies of this number
  std::optional<std::uint32_t> mtu;   ///< bytes; empty: the kernel's choice
  std::string master;                 ///< the bridge it is a port of, or empty
  /// A port that reaches only ports which are not isolated: here, only the bridge itself. The bridge learns nothing from it and floods
  /// nothing to it, so a frame finds it by a Neighbour alone.
  bool isolated = false;
  bool forwards = false;  ///< whether IPv4 packets that come in by it are passed on
  bool ipv6 = false;      ///< whether it gives itself an IPv6 address
  std::string alias;      ///< ifalias, at most 255 bytes
  std::set<InterfaceAddress> addresses;
  /// Switches under /proc/sys/net that exist as long as the link does: `ipv4/conf/br0/proxy_arp` -> `1`.
  std::map<std::string, std::string> sysctls;

  bool operator==(const Link&) const = default;
};

/// A link as it was found.
struct ObservedLink {
  int ifindex = 0;
  int peer_ifindex = 0;  ///< of a veth's other end, as the namespace counts that the other end is in
  bool up = false;
  Link link;

  bool operator==(const ObservedLink&) const = default;
};

enum class RouteType { Unicast, Blackhole, Throw };

struct Route {
  std::uint32_t table = kMainTable;
  Ipv4Prefix destination;
  RouteType type = RouteType::Unicast;
  std::string device;                  ///< unicast only
  std::optional<Ipv4Address> gateway;  ///< always on the link itself (`onlink`)

  auto operator<=>(const Route&) const = default;
};

/// A policy routing rule (ip-rule(8)): packets that came in through `iif`, or that carry `fwmark`, look up `table`.
struct Rule {
  std::uint32_t priority = 0;
  std::string iif;  ///< empty: from anywhere
  std::uint32_t table = kMainTable;
  std::uint32_t fwmark = 0;  ///< 0: whatever the mark

  auto operator<=>(const Rule&) const = default;
};

/// A host behind a port of a bridge: known without asking (ip-neighbour(8), permanent; bridge(8), a static fdb entry). Asking
/// would send a frame to every port, and the kernel drops what is more than a thousand at once (net.core.netdev_max_backlog).
struct Neighbour {
  std::string bridge;
  Ipv4Address address;
  MacAddress link_address;
  std::string port;  ///< empty when observed: it is not read back

  auto operator<=>(const Neighbour&) const = default;
};

/// A namespace's whole nftables ruleset, in nft(8)'s language. What grows with the number of links or addresses goes into the
/// elements of sets and maps, apart from the text: as long as the text stays, only elements are exchanged.
///
/// Two are equal when their digests are: the kernel keeps the digest of what was loaded, and a ruleset that was changed behind
/// our back reads back with another one.
struct Ruleset {
  /// By set or map, named as in `add element`: `inet router to_public` -> `10.0.0.4 : 203.0.113.4`.
  using Elements = std::map<std::string, std::set<std::string>>;

  std::string text;    ///< empty when observed
  Elements elements;   ///< empty when observed
  std::string digest;  ///< of both

  static Ruleset of(std::string text, Elements elements = {});
  bool operator==(const Ruleset& other) const { return digest == other.digest; }
};

/// What a process in a namespace sees besides its network.
struct Surroundings {
  std::string hostname;
  /// What stands in place of a file of the host: `/etc/hosts` -> a file that is mounted there and may be rewritten.
  std::map<std::string, std::string> files;
  std::string hidden;  ///< a folder of the host that is not to be seen there, or empty

  bool operator==(const Surroundings&) const = default;
};

/// A folder of a process's own, which only root may enter: made before the process starts, gone when it was stopped.
struct ProcessFolder {
  std::string path;                          ///< empty: the process has none
  std::map<std::string, std::string> files;  ///< by name; what they hold is written anew at every start
  /// Whether the process reads its files again when it gets SIGHUP, which is blocked when it starts: it goes on when only they change.
  /// It is told of new links in its namespace as well, for a socket that is bound to a link does not outlive it.
  bool reread = false;

  bool operator==(const ProcessFolder&) const = default;
};

/// A program that runs in a namespace as long as the namespace is there.
struct Process {
  std::vector<std::string> arguments;  ///< the first one is a path
  Surroundings surroundings;
  ProcessFolder folder = {};

  bool operator==(const Process&) const = default;
};

struct Namespace {
  /// Switches under /proc/sys/net, set before links are made: `ipv4/ip_forward` -> `1`. A kernel without
  /// IPv6 has none in `ipv6/`, one without br_netfilter none in `bridge/`: those are passed over.
  /// Finding a switch takes time in proportion to the number of namespaces: what every link needs is in Link instead.
  std::map<std::string, std::string> sysctls;
  std::map<std::string, Link> links;  ///< by name; `lo` is always there and up, and not listed
  std::set<Neighbour> neighbours;
  std::set<Route> routes;
  std::set<Rule> rules;
  std::optional<Ruleset> ruleset;            ///< empty: not ours
  std::map<std::string, Process> processes;  ///< by a name of our own

  bool operator==(const Namespace&) const = default;
};

struct State {
  std::map<std::string, Namespace> namespaces;

  bool operator==(const State&) const = default;
};

/// A short, stable digest of a text (64-bit FNV-1a, in hexadecimal): it tells changes apart, it does not resist an attacker.
std::string digest_of(std::string_view text);

}  // namespace netns
