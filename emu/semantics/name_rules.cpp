// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "emu/model/nodes.hpp"
#include "emu/model/wording.hpp"
#include "emu/semantics/azure_regions.hpp"
#include "emu/semantics/rules.hpp"

namespace emu {
namespace {

/// Nodes that every lab has.
constexpr std::array<std::string_view, 2> kReservedNodes{kInternetNode, kServicesNode};

constexpr std::string_view kInvalidName = "InvalidResourceName";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_alphanumeric(char c) { return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z'); }

/// inet_aton(3), which most programs ask first, takes one to four numbers for an address, in tens, in eights or in sixteens.
bool is_number(std::string_view text) {
  const bool in_sixteens = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  if (in_sixteens) text.remove_prefix(2);
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return is_digit(c) || (in_sixteens && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
  });
}

bool is_read_as_address(std::string_view name) {
  constexpr int kMostParts = 4;
  int parts = 0;
  while (true) {
    const auto dot = name.find('.');
    if (!is_number(name.substr(0, dot)) || ++parts > kMostParts) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

/// RFC 6761, 6.3: every program knows these names, and means itself. The others are in every /etc/hosts of Debian.
bool means_oneself(std::string_view name) {
  const auto key = name_key(name);
  constexpr std::array<std::string_view, 4> kOneself{"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"};
  return std::ranges::find(kOneself, key) != kOneself.end() || key.ends_with(".localhost");
}

/// What is wrong with the name of what programs reach by name.
std::string fault_in_host_name(std::string_view name) {
  if (is_read_as_address(name)) return "programs would take it for an address";
  if (means_oneself(name)) return "programs would take it for themselves";
  return {};
}

/// What is wrong with the name of a node that checks and commands point at.
std::string fault_in_node(std::string_view name) {
  constexpr std::size_t kLongestHostName = 64;
  if (auto fault = fault_in_name(name, 1, kLongestHostName); !fault.empty()) return fault;
  if (auto fault = fault_in_host_name(name); !fault.empty()) return fault;
  if (named_by_public(name)) return "'.public' behind a name means its public address";
  return {};
}

std::string fault_in_storage_account(std::string_view name) {
  constexpr std::size_t kShortest = 3;
  constexpr std::size_t kLongest = 24;
  const bool fits = name.size() >= kShortest && name.size() <= kLongest;
  if (fits && std::ranges::all_of(name, [](char c) { return is_lower(c) || is_digit(c); })) return fault_in_host_name(name);
  return fmt::format("it has {} to {} lower-case letters and digits", kShortest, kLongest);
}

/// It becomes part of a name in DNS.
std::string fault_in_service(std::string_view name) {
  constexpr std::size_t kLongestLabel = 63;
  const auto allowed = [](char c) { return is_lower(c) || is_digit(c) || c == '-'; };
  const bool fits = name.size() <= kLongestLabel && std::ranges::all_of(name, allowed);
  if (fits && !name.starts_with('-') && !name.ends_with('-')) return fault_in_host_name(name);
  return fmt::format("it has 1 to {} lower-case letters, digits and '-', which is neither first nor last", kLongestLabel);
}

std::string_view article(std::string_view what) {
  return std::string_view("aio").find(what.front()) != std::string_view::npos ? "an" : "a";
}

class NameRules {
 public:
  NameRules(const Subject& subject, Findings& findings) : model_(subject.model), findings_(findings) {}

  void check() {
    check_lab();
    for (std::size_t i = 0; i < model_.virtual_networks.size(); ++i) check_network(i);
    for (std::size_t i = 0; i < model_.virtual_machines.size(); ++i) {
      const auto& name = model_.virtual_machines[i].name;
      check_form(machine_path(i), name, "virtual machine", fault_in_node(name), kInvalidName);
      check_node(machine_path(i), name, "virtual machine");
    }
    for (std::size_t i = 0; i < model_.internet.hosts.size(); ++i) {
      const auto& name = model_.internet.hosts[i].name;
      check_form(host_path(i), name, "internet host", fault_in_node(name), "");
      check_node(host_path(i), name, "internet host");
    }
    check_gateways();
    check_sites();
    check_services();
    check_locations(model_.storage_accounts, "storage_accounts");
    check_locations(model_.services, "services");
    check_locations(model_.route_tables, "route_tables");
    check_locations(model_.network_security_groups, "network_security_groups");
    check_locations(model_.application_security_groups, "application_security_groups");
  }

 private:
  struct Node {
    std::string path;
    std::string_view name;
    std::string_view what;
  };

  void check_form(const std::string& path, std::string_view name, std::string_view what, std::string_view fault, std::string_view code) {
    if (name.empty() || fault.empty()) return;
    findings_.error(path + ".name", fmt::format("{} cannot name {} {}: {}", in_quotes(name), article(what), what, fault),
                    std::string(code));
  }

  void check_lab() {
    const auto& lab = model_.lab;
    check_location("location", model_.location);
    if (lab.empty()) return;
    if (!is_lab_name(lab))
      findings_.error("lab",
                      fmt::format("{} cannot name a lab: it has 1 to 20 characters a-z, 0-9 and '-', not '-' first", in_quotes(lab)));
    if (model_.resource_group != lab) check_resource_group("resource_group", model_.resource_group);
  }

  void check_resource_group(const std::string& path, std::string_view name) {
    constexpr std::size_t kLongestGroup = 90;
    const auto allowed = [](char c) { return is_alphanumeric(c) || std::string_view("-._()").find(c) != std::string_view::npos; };
    if (name.empty() || (name.size() <= kLongestGroup && std::ranges::all_of(name, allowed) && name.back() != '.')) return;
    findings_.error(path, fmt::format("{} cannot name a resource group: it has 1 to 90 letters, digits, '-', '.', '_', '(' and ')', "
                                      "not '.' last",
                                      in_quotes(name)));
  }

  /// An unknown region is allowed: a lab may have names of its own, and Azure new regions. Each is told once.
  void check_location(const std::string& path, std::string_view location) {
    if (location.empty() || !locations_.insert(std::string(location)).second) return;
    if (!std::ranges::all_of(location, [](char c) { return is_lower(c) || is_digit(c); }))
      findings_.error(path, fmt::format("{} is not an Azure location", in_quotes(location)), "", "write it like westus or West US");
    else if (!is_azure_region(location))
      findings_.warning(path, fmt::format("{} is not a region of Azure{}", in_quotes(location), findings_.guess(location, azure_regions())),
                        "", "write one like westeurope; a name of your own works, too");
  }

  template <typename Items>
  void check_locations(const Items& items, std::string_view section) {
    for (std::size_t i = 0; i < items.size(); ++i) check_location(fmt::format("{}[{}].location", section, i), items[i].location);
  }

  void check_network(std::size_t i) {
    constexpr std::size_t kShortestNetwork = 2;
    constexpr std::size_t kLongestNetwork = 64;
    const auto& network = model_.virtual_networks[i];
    check_form(network_path(i), network.name, "virtual network", fault_in_name(network.name, kShortestNetwork, kLongestNetwork),
               kInvalidName);
    check_node(network_path(i), network.name, "virtual network");
    if (network.resource_group != model_.resource_group) check_resource_group(network_path(i) + ".resource_group", network.resource_group);
    check_location(network_path(i) + ".location", network.location);

    check_names_in_list(
        network.subnets, "subnet", [i](std::size_t j) { return subnet_path(i, j); }, findings_);
    check_names_in_list(
        network.peerings, "peering", [i](std::size_t j) { return peering_path(i, j); }, findings_);
  }

  /// NAME-2. A gateway is a node; what it knows of the other end has a name space for each kind.
  void check_gateways() {
    const auto& gateways = model_.virtual_network_gateways;
    for (std::size_t i = 0; i < gateways.size(); ++i) {
      check_form(gateway_path(i), gateways[i].name, "virtual network gateway", fault_in_node(gateways[i].name), kInvalidName);
      check_node(gateway_path(i), gateways[i].name, "virtual network gateway");
    }
    check_names_in_list(model_.local_network_gateways, "local network gateway", local_gateway_path, findings_);
    check_names_in_list(model_.virtual_network_gateway_connections, "connection", connection_path, findings_);
  }

  void check_sites() {
    for (std::size_t i = 0; i < model_.on_premises.size(); ++i) {
      const auto& site = model_.on_premises[i];
      check_form(site_path(i), site.name, "on-premises site", fault_in_node(site.name), "");
      check_node(site_path(i), site.name, "on-premises site");
      for (std::size_t j = 0; j < site.hosts.size(); ++j) {
        const auto path = site_host_path({site.hosts[j].name, i, j});
        check_form(path, site.hosts[j].name, "on-premises host", fault_in_node(site.hosts[j].name), "");
        check_node(path, site.hosts[j].name, "on-premises host");
      }
    }
  }

  /// A service is no node: where a node has its name, the name alone means the node (`address_of`), and the service has its name in DNS.
  void check_services() {
    std::unordered_map<std::string, std::string> first_of;
    const auto check_alone = [&](const std::string& path, std::string_view name, std::string_view what) {
      const auto [first, is_new] = first_of.emplace(name_key(name), path);
      if (!name.empty() && !is_new) refuse_second(path, first->second, name, what, findings_);
    };
    for (std::size_t i = 0; i < model_.storage_accounts.size(); ++i) {
      const auto& account = model_.storage_accounts[i];
      check_form(storage_account_path(i), account.name, "storage account", fault_in_storage_account(account.name), "AccountNameInvalid");
      check_alone(storage_account_path(i), account.name, "storage account");
    }
    for (std::size_t i = 0; i < model_.services.size(); ++i) {
      const auto& service = model_.services[i];
      check_form(service_path(i), service.name, "service", fault_in_service(service.name), "");
      check_alone(service_path(i), service.name, "service");
    }
  }

  /// One name space for all nodes: each becomes a network namespace of that name.
  void check_node(const std::string& path, std::string_view name, std::string_view what) {
    if (name.empty()) return;
    auto key = name_key(name);
    if (std::ranges::find(kReservedNodes, key) != kReservedNodes.end())
      return findings_.error(
          path + ".name", fmt::format("{} {} cannot be named {}: every lab has a node of that name", article(what), what, in_quotes(name)));
    const auto [first, is_new] = nodes_.emplace(std::move(key), Node{path, name, what});
    if (is_new) return;
    const auto& other = first->second;
    findings_.error(path + ".name",
                    fmt::format("{} {} has the name of {} {}{}", what, in_quotes(name), other.what, in_quotes(other.name),
                                findings_.in_line(other.path + ".name")),
                    "",
                    "all nodes of a lab share one name space: virtual networks, machines, gateways, sites and hosts; case does not count");
  }

  const Model& model_;
  Findings& findings_;
  std::unordered_map<std::string, Node> nodes_;
  std::unordered_set<std::string> locations_;  ///< that were looked at
};

}  // namespace

std::string fault_in_name(std::string_view name, std::size_t shortest, std::size_t longest) {
  if (name.size() < shortest || name.size() > longest) return fmt::format("a name has {} to {} characters", shortest, longest);
  if (!std::ranges::all_of(name, [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; }))
    return "a name is made of letters, digits, '-', '.' and '_'";
  if (!is_alphanumeric(name.front())) return "a name starts with a letter or a digit";
  if (!is_alphanumeric(name.back()) && name.back() != '_') return "a name ends with a letter, a digit or '_'";
  return {};
}

void refuse_name(const std::string& path, std::string_view name, std::string_view what, std::string_view fault, Findings& findings) {
  findings.error(path + ".name", fmt::format("{} cannot name {} {}: {}", in_quotes(name), article(what), what, fault),
                 std::string(kInvalidName));
}

void refuse_second(const std::string& path, const std::string& first, std::string_view name, std::string_view what, Findings& findings) {
  findings.error(path + ".name", fmt::format("{} {} is here twice, first{}", what, in_quotes(name), findings.in_line(first + ".name")),
                 "DuplicateResourceName");
}

void check_names(const Subject& subject, Findings& findings) { NameRules(subject, findings).check(); }

}  // namespace emu
