// SPDX-License-Identifier: Apache-2.0
// netns/state/state.hpp — what a set of network namespaces should hold, or holds: values with ==.
//
// The same types describe what is desired and what was observed; `reconcile` compares the two.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "netns/base/address.hpp"

namespace netns {

/// Our routes, rules and addresses carry this protocol number (rtnetlink(7): rtm_protocol, IFA_PROTO); iproute2 shows it as `proto 76`.
inline constexpr std::uint8_t kOurProtocol = 76;
inline constexpr std::uint32_t kLocalTable = 255;
inline constexpr std::uint32_t kMainTable = 254;
inline constexpr std::uint32_t kDefaultTable = 253;

/// Other: whatever we never make.
enum class LinkKind { Loopback, Veth, Bridge, Xfrm, Other };

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
  std::uint32_t mtu = 1500;           ///< bytes
  std::string master;                 ///< the bridge it is a port of, or empty
  /// A port that reaches only ports which are not isolated: here, only the bridge itself. The bridge learns nothing from it and floods
  /// nothing to it, so a frame finds it by a Neighbour alone.
  bool isolated = false;
  bool forwards = false;   ///< whether IPv4 packets that come in by it are passed on
  bool proxy_arp = false;  ///< whether it answers for every address that it has a route to, at once, also to the port that has it
  bool ipv6 = false;       ///< whether it gives itself an IPv6 address
  std::string alias;       ///< ifalias, at most 255 bytes
  std::set<InterfaceAddress> addresses;

  bool operator==(const Link&) const = default;
};

/// A link as it was found.
struct ObservedLink {
  int ifindex = 0;
  int peer_ifindex = 0;  ///< of a veth's other end, as the namespace counts that the other end is in
  bool up = false;
  std::string kernel_kind;  ///< as ip-link(8) says it: `veth`; empty for a real device and for `lo`
  /// Settings that all links of ours have alike and that are otherwise here, as `<setting> is <value>`: `arp_ignore is 8`.
  std::vector<std::string> off;
  std::optional<bool> without_ipv6;              ///< whether IPv6 is off altogether; empty when the kernel has none
  std::vector<std::string> also_off;             ///< the same of what is read apart from the link
  std::set<InterfaceAddress> foreign_addresses;  ///< those of the link's that are not marked as ours
  bool queues = false;                           ///< whether packets wait in a queueing discipline (tc(8)); also in `off`
  bool queues_incoming = false;                  ///< whether those that come in are met by one; also in `also_off`
  Link link;

  bool operator==(const ObservedLink&) const = default;
};

/// Local and Broadcast: the kernel makes them by itself for each address.
enum class RouteType { Unicast, Blackhole, Throw, Local, Broadcast };

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
  std::string bridge;  ///< when observed: whatever link it is on
  Ipv4Address address;
  MacAddress link_address;
  std::string port;  ///< empty when observed: what leads there is a BridgeEntry

  auto operator<=>(const Neighbour&) const = default;
};

/// Which port frames to an address leave a bridge by (bridge(8), fdb), fixed.
struct BridgeEntry {
  std::string bridge;
  MacAddress link_address;
  std::string port;
  bool local = false;  ///< taken in by the bridge itself instead: never ours

  auto operator<=>(const BridgeEntry&) const = default;
};

/// A route or a rule that is not of a shape that we make.
struct Foreign {
  std::string text;     ///< as iproute2 would say it
  std::string device;   ///< that a route leads to, or empty
  std::string message;  ///< the kernel's own, which names it when it is deleted
  bool marked = false;  ///< whether it carries our protocol number all the same
  /// Table and destination of a route of metric 0, which is where ours go; empty for any other, and for a rule.
  std::optional<std::pair<std::uint32_t, Ipv4Prefix>> place = {};

  auto operator<=>(const Foreign&) const = default;
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
  /// What stands in place of a file of the host: `/etc/hosts` -> a file that is mounted there, read-only, and may be changed from outside.
  std::map<std::string, std::string> files;
  std::set<std::string> hidden;  ///< folders of the host that are not to be seen there; one that is not there is passed over
  bool confined = false;         ///< whether it is in the namespace's sandbox (netns/sandbox/sandbox.hpp)

  bool operator==(const Surroundings&) const = default;
};

/// A folder of a process's own, which only root may enter: made before the process starts, gone when it was stopped.
struct ProcessFolder {
  std::string path;                          ///< empty: the process has none
  std::map<std::string, std::string> files;  ///< by name; what they hold is written anew at every start
  /// Whether the process reads its files again when it is told: it goes on when only they change. SIGHUP is blocked when it starts.
  /// It is told of new links in its namespace as well, for a socket that is bound to a link does not outlive it.
  bool reread = false;
  /// The program that tells it, and that ends when the process has taken everything over; empty: SIGHUP does.
  std::vector<std::string> teller = {};

  bool operator==(const ProcessFolder&) const = default;
};

/// How long a process is to live.
enum class Lifetime {
  Stays,      ///< as long as its namespace: one that ended is started again
  MayEnd,     ///< one that ended with status 0 is done; one that ended otherwise has failed, and is started again
  RunsFirst,  ///< it ends before any process of its namespace starts that is not of this kind; they run one by one: run2, run3, run10
};

/// A program that runs in a namespace.
struct Process {
  std::vector<std::string> arguments;  ///< the first one is a path
  Surroundings surroundings;
  ProcessFolder folder = {};
  /// Besides PATH, HOME, LANG, LAZULI_LAB and LAZULI_NODE, which every process has: the namespace's name is `<lab>.<node>`.
  std::map<std::string, std::string> environment = {};
  std::string directory = {};  ///< where it works; empty: /
  std::string user = {};       ///< name or number; empty: root
  Lifetime lifetime = Lifetime::Stays;
  std::string context = {};  ///< what else makes it another process when it changes

  bool operator==(const Process&) const = default;
};

/// Who else may make something in a namespace.
enum class Custody {
  Exclusive,  ///< nobody: what is not desired there goes
  /// People: links, addresses, routes, rules and tables that they add stay. What is ours, and the switches, are kept as desired.
  Shared,
  /// Programs that the desired state starts as well: then also switches and settings of our links that they set.
  SelfConfigured,
};

struct Namespace {
  Custody custody = Custody::Shared;
  /// Switches under /proc/sys/net, `ipv4/ip_forward` -> `1`, beside or instead of those that every namespace has (switches.hpp).
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
  /// What the alias of each of our links begins with, of all that the same records are kept of: a link in a namespace of several that
  /// has it is ours, also when it is not desired any more.
  std::string link_mark;

  bool operator==(const State&) const = default;
};

/// A short, stable digest of a text (64-bit FNV-1a, in hexadecimal): it tells changes apart, it does not resist an attacker.
std::string digest_of(std::string_view text);

}  // namespace netns
