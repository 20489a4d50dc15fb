// SPDX-License-Identifier: Apache-2.0
// emu/semantics/rules.hpp — the parts of `validate`, one function for each concept.
//
// Theory of operation. What the reader could not understand it has reported and left empty. A rule passes over what is empty,
// so that one mistake is one diagnostic. Names are looked up in hash maps and addresses compared in sorted order: a lab of n
// resources costs O(n log n).
//
// Where the reader passed over a subnet, say, a name that no subnet has may be the one of that subnet: it is not reported.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "emu/model/diagnostic.hpp"
#include "emu/model/model.hpp"
#include "emu/model/name_key.hpp"
#include "emu/model/source_map.hpp"

namespace emu {

/// Azure's code for a name that nothing in the file has.
inline constexpr const char* kInvalidReference = "InvalidResourceReference";

/// What the rules found, each at the place of a property: `virtual_networks[0].name`.
class Findings {
 public:
  explicit Findings(const SourceMap& positions) : positions_(positions) {}

  void error(const std::string& path, std::string message, std::string code = "", std::string hint = "");
  /// A name that nothing has.
  /// @param kinds  what it may name, as the reader calls it: "virtual network"
  void missing(const std::string& path, std::initializer_list<std::string_view> kinds, std::string message, std::string hint = "");
  void warning(const std::string& path, std::string message, std::string code = "", std::string hint = "");

  /// ` (did you mean 'hub'?)` or nothing. Only the first hundred words get a guess, for each is compared with every name.
  std::string guess(std::string_view word, std::span<const std::string_view> names);

  /// The line where `path` was written, ` in line 12`; nothing when it was not.
  std::string in_line(const std::string& path) const;

  /// Whether `path` itself was written in the file.
  bool is_written(const std::string& path) const { return positions_.holds(path); }

  bool has_errors() const { return emu::has_errors(diagnostics_); }

  /// Everything found, in the order of the file.
  Diagnostics take();

 private:
  const SourceMap& positions_;
  Diagnostics diagnostics_;
  std::size_t guesses_ = 0;
};

/// Where things of a list are, by name (NAME-4). Of two with one name the first.
class NameIndex {
 public:
  template <typename Items>
  explicit NameIndex(const Items& items) {
    indices_.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (items[i].name.empty()) continue;
      indices_.emplace(name_key(items[i].name), i);
      names_.push_back(items[i].name);
    }
  }

  std::optional<std::size_t> find(std::string_view name) const {
    const auto found = indices_.find(name_key(name));
    return found == indices_.end() ? std::nullopt : std::optional(found->second);
  }

  /// As written, in the order of the list.
  std::span<const std::string_view> names() const { return names_; }

 private:
  std::unordered_map<std::string, std::size_t> indices_;
  std::vector<std::string_view> names_;
};

/// A host of an on-premises site, by its place in the model.
struct SiteHost {
  std::string_view name;
  std::size_t site = 0;
  std::size_t host = 0;
};

/// A model and what is running, with the indices that the rules share.
struct Subject {
  Subject(const Model& the_model, const Model* the_previous);

  const Model& model;
  const Model* previous;  ///< nullptr when nothing runs
  NameIndex networks;
  NameIndex machines;
  NameIndex hosts;
  NameIndex gateways;
  NameIndex local_gateways;
  NameIndex sites;
  std::vector<SiteHost> site_hosts;  ///< of all sites
  NameIndex site_hosts_by_name;      ///< in site_hosts
  std::vector<NameIndex> subnets;    ///< of each network
};

/// NAME-1..4, and one name space for all nodes of a lab.
void check_names(const Subject& subject, Findings& findings);
/// VNET-3, VNET-6, SUB-1, SUB-3..5.
void check_address_spaces(const Subject& subject, Findings& findings);
/// IPAM-4..7, GWS-2, and a machine's subnet.
void check_machines(const Subject& subject, Findings& findings);
/// Static addresses on the emulated internet.
void check_public_addresses(const Subject& subject, Findings& findings);
/// GWS-1, GWS-2, VPN-5, VPN-8, VPN-9, DEF-5: gateways, and what Azure knows of sites.
void check_gateways(const Subject& subject, Findings& findings);
/// VPN-12, VPN-20, VPN-21, VPN-26, VPN-31..33, VPN-40: both ends of each connection.
void check_connections(const Subject& subject, Findings& findings);
/// VPN-23.
void check_connection_overlaps(const Subject& subject, Findings& findings);
/// VPN-13..15, VPN-18.
void check_ipsec_policies(const Subject& subject, Findings& findings);
/// Sites outside Azure and their hosts.
void check_sites(const Subject& subject, Findings& findings);
/// PEER-5..11, PEER-20..25.
void check_peerings(const Subject& subject, Findings& findings);
/// UDR-2, UDR-4, UDR-9, UDR-15, SUB-14, GWS-4, LIM-1: route tables and the subnets that use them.
void check_route_tables(const Subject& subject, Findings& findings);
/// SE-2: what a subnet's `service_endpoints` may say.
void check_service_endpoints(const Subject& subject, Findings& findings);
/// SA-4, SA-5, SE-6, SE-11, SE-12: services and their firewalls.
void check_services(const Subject& subject, Findings& findings);
/// NSG-1..7, NSG-17, NSG-18, ASG-1, SUB-14, GWS-3, LIM-1: security groups, their rules, and what names them.
void check_security_groups(const Subject& subject, Findings& findings);
/// TAG-5: tags that stand for nothing in a lab, said once.
void check_service_tags(const Subject& subject, Findings& findings);
/// FLOW-1: what flow logs name.
void check_flow_logs(const Subject& subject, Findings& findings);
/// Security groups, route tables and local network gateways that nothing uses.
void check_unused(const Subject& subject, Findings& findings);
/// Targets and expectations of checks.
void check_checks(const Subject& subject, Findings& findings);

/// `virtual_networks[2]`
std::string network_path(std::size_t network);
/// `virtual_networks[2].subnets[1]`
std::string subnet_path(std::size_t network, std::size_t subnet);
/// `virtual_networks[2].peerings[0]`
std::string peering_path(std::size_t network, std::size_t peering);
std::string machine_path(std::size_t machine);
std::string host_path(std::size_t host);
std::string gateway_path(std::size_t gateway);
std::string local_gateway_path(std::size_t local);
std::string connection_path(std::size_t connection);
std::string site_path(std::size_t site);
std::string site_host_path(const SiteHost& place);
std::string storage_account_path(std::size_t account);
std::string service_path(std::size_t service);

/// What is wrong with a resource's name (NAME-1..3); empty when nothing is.
std::string fault_in_name(std::string_view name, std::size_t shortest, std::size_t longest);

/// The names of the things of a list: 1 to 80 characters (NAME-2), each of them once (NAME-4).
/// @param what  what messages call one of them
/// @param path_of  from a place in the list to its path in the file
template <typename Items, typename PathOf>
void check_names_in_list(const Items& items, std::string_view what, PathOf path_of, Findings& findings);

/// The first few of `prefixes`, as a message shows them.
std::string list_of(const std::vector<Ipv4Prefix>& prefixes);

void refuse_name(const std::string& path, std::string_view name, std::string_view what, std::string_view fault, Findings& findings);
void refuse_second(const std::string& path, const std::string& first, std::string_view name, std::string_view what, Findings& findings);

template <typename Items, typename PathOf>
void check_names_in_list(const Items& items, std::string_view what, PathOf path_of, Findings& findings) {
  constexpr std::size_t kLongest = 80;
  std::unordered_map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& name = items[i].name;
    if (name.empty()) continue;
    if (const auto fault = fault_in_name(name, 1, kLongest); !fault.empty()) refuse_name(path_of(i), name, what, fault, findings);
    const auto [first, is_new] = seen.emplace(name_key(name), i);
    if (!is_new) refuse_second(path_of(i), path_of(first->second), name, what, findings);
  }
}

}  // namespace emu
