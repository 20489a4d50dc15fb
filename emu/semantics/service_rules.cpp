// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "emu/model/service_lookup.hpp"
#include "emu/model/wording.hpp"
#include "emu/semantics/rules.hpp"

namespace emu {
namespace {

constexpr std::string_view kValidationFailure = "NetworkAclsValidationFailure";

/// RFC 1918.
constexpr std::array kRfc1918{Ipv4Prefix{{0x0A000000}, 8}, Ipv4Prefix{{0xAC100000}, 12}, Ipv4Prefix{{0xC0A80000}, 16}};

class ServiceRules {
 public:
  ServiceRules(const Subject& subject, Findings& findings) : subject_(subject), findings_(findings) {}

  void check(const std::string& path, const Service& service) {
    const auto* kind = find_service_kind(service.type);
    if (kind == nullptr) {
      if (!service.type.empty()) refuse_type(path + ".type", service.type);
      return;
    }
    const auto& rules = service.network_rules;
    check_count(path + ".network_rules.virtual_network_subnets", rules.virtual_network_subnets.size(), *kind);
    check_count(path + ".network_rules.ip_rules", rules.ip_rules.size(), *kind);
    for (std::size_t i = 0; i < rules.virtual_network_subnets.size(); ++i)
      check_subnet(fmt::format("{}.network_rules.virtual_network_subnets[{}]", path, i), service, rules.virtual_network_subnets[i]);
    for (std::size_t i = 0; i < rules.ip_rules.size(); ++i)
      check_address(fmt::format("{}.network_rules.ip_rules[{}]", path, i), rules.ip_rules[i]);
    check_repeated(path, rules);
  }

  void refuse_type(const std::string& path, std::string_view type) {
    std::vector<std::string_view> names;
    for (const auto& kind : service_kinds())
      if (kind.type != kStorage) names.push_back(kind.type);
    findings_.error(path, fmt::format("{} is not a service that Lazuli emulates{}", in_quotes(type), findings_.guess(type, names)), "",
                    fmt::format("the types are {}", fmt::join(names, ", ")));
  }

 private:
  /// SE-12.
  void check_count(const std::string& path, std::size_t count, const ServiceKind& kind) {
    if (count > kind.most_rules)
      findings_.error(fmt::format("{}[{}]", path, kind.most_rules),
                      fmt::format("a firewall of {} has at most {} rules of a kind, not {}", kind.type, kind.most_rules, count));
  }

  void check_subnet(const std::string& path, const Service& service, const SubnetReference& reference) {
    if (reference.subnet.empty()) return;
    const auto network = subject_.networks.find(reference.virtual_network);
    if (!network)
      return findings_.missing(path, {"virtual network"},
                               fmt::format("there is no virtual network {}{}", in_quotes(reference.virtual_network),
                                           findings_.guess(reference.virtual_network, subject_.networks.names())));
    const auto& owner = subject_.model.virtual_networks[*network];
    const auto subnet = subject_.subnets[*network].find(reference.subnet);
    if (!subnet)
      return findings_.missing(path, {"subnet"},
                               fmt::format("virtual network {} has no subnet {}{}", in_quotes(owner.name), in_quotes(reference.subnet),
                                           findings_.guess(reference.subnet, subject_.subnets[*network].names())));
    check_endpoint(path, service, owner, owner.subnets[*subnet]);
  }

  /// SA-5, SE-6, SE-11.
  void check_endpoint(const std::string& path, const Service& service, const VirtualNetwork& network, const Subnet& subnet) {
    if (has_endpoint_for(network, subnet, service)) return;
    const auto name = fmt::format("{}/{}", network.name, subnet.name);
    const bool has_one = std::ranges::any_of(subnet.service_endpoints, [&](const auto& endpoint) { return endpoint == service.type; });
    if (has_one)
      return findings_.error(
          path,
          fmt::format("the endpoint of {} does not reach {}: the subnet is in {}, and the service in {}", in_quotes(name),
                      in_quotes(service.name), network.location, service.location),
          "",
          service.type == kStorage
              ? fmt::format("{} reaches accounts in its own region and the paired one; {} in every region", kStorage, kStorageGlobal)
              : fmt::format("{} is reached in the subnet's own region", service.type));
    if (service.network_rules.ignore_missing_vnet_service_endpoint) return;
    findings_.error(path,
                    fmt::format("Validation of network acls failure: SubnetsHaveNoServiceEndpointsConfigured:Subnets {} of virtual network "
                                "{} do not have ServiceEndpoints for {} resources configured",
                                subnet.name, network.name, service.type),
                    std::string(kValidationFailure),
                    service.type == kStorage ? fmt::format("give the subnet service_endpoints: [{}]", service.type)
                                             : fmt::format("give the subnet service_endpoints: [{}], or the rules "
                                                           "ignore_missing_vnet_service_endpoint: true",
                                                           service.type));
  }

  /// SA-4.
  void check_address(const std::string& path, const Ipv4Prefix& rule) {
    if (rule == Ipv4Prefix{}) return;
    if (std::ranges::any_of(kRfc1918, [&](const auto& range) { return range.overlaps(rule); }))
      findings_.error(
          path,
          fmt::format("{} is private, and a rule is for public addresses", rule.length == 32 ? to_string(rule.address) : to_string(rule)),
          "", "a service sees private addresses only of subnets with an endpoint: list those in virtual_network_subnets");
  }

  void check_repeated(const std::string& path, const NetworkRules& rules) {
    std::set<std::string> subnets;
    for (std::size_t i = 0; i < rules.virtual_network_subnets.size(); ++i) {
      const auto& [network, subnet] = rules.virtual_network_subnets[i];
      if (!subnet.empty() && !subnets.insert(name_key(network) + '/' + name_key(subnet)).second)
        findings_.error(fmt::format("{}.network_rules.virtual_network_subnets[{}]", path, i),
                        fmt::format("subnet '{}/{}' has two rules", printable(network), printable(subnet)));
    }
    std::set<Ipv4Prefix> prefixes;
    for (std::size_t i = 0; i < rules.ip_rules.size(); ++i) {
      if (rules.ip_rules[i] != Ipv4Prefix{} && !prefixes.insert(rules.ip_rules[i]).second)
        findings_.error(fmt::format("{}.network_rules.ip_rules[{}]", path, i),
                        fmt::format("{} has two rules", to_string(rules.ip_rules[i])));
    }
  }

  const Subject& subject_;
  Findings& findings_;
};

}  // namespace

void check_service_endpoints(const Subject& subject, Findings& findings) {
  const auto names = service_types();
  for (std::size_t n = 0; n < subject.model.virtual_networks.size(); ++n) {
    const auto& subnets = subject.model.virtual_networks[n].subnets;
    for (std::size_t s = 0; s < subnets.size(); ++s) {
      const auto& endpoints = subnets[s].service_endpoints;
      const auto path_of = [&](std::size_t i) { return fmt::format("{}.service_endpoints[{}]", subnet_path(n, s), i); };
      for (std::size_t i = 0; i < endpoints.size(); ++i) {
        if (std::ranges::find(names, endpoints[i]) == names.end())
          findings.error(path_of(i),
                         fmt::format("{} has no service endpoints{}", in_quotes(endpoints[i]), findings.guess(endpoints[i], names)), "",
                         fmt::format("the services are {}", fmt::join(names, ", ")));
        if (std::find(endpoints.begin(), endpoints.begin() + static_cast<std::ptrdiff_t>(i), endpoints[i]) !=
            endpoints.begin() + static_cast<std::ptrdiff_t>(i))
          findings.error(path_of(i), fmt::format("{} is here twice", in_quotes(endpoints[i])));
      }
      const auto global = std::ranges::find(endpoints, kStorageGlobal);
      if (global != endpoints.end() && std::ranges::find(endpoints, kStorage) != endpoints.end())
        findings.error(path_of(static_cast<std::size_t>(global - endpoints.begin())),
                       fmt::format("a subnet has {} or {}, not both", kStorage, kStorageGlobal), "",
                       fmt::format("{} reaches accounts of every region", kStorageGlobal));
    }
  }
}

void check_services(const Subject& subject, Findings& findings) {
  ServiceRules rules(subject, findings);
  for (std::size_t i = 0; i < subject.model.storage_accounts.size(); ++i)
    rules.check(storage_account_path(i), subject.model.storage_accounts[i]);
  for (std::size_t i = 0; i < subject.model.services.size(); ++i) {
    if (subject.model.services[i].type == kStorage)
      findings.error(service_path(i) + ".type", "a storage account is not listed here", "", "list it in storage_accounts");
    else
      rules.check(service_path(i), subject.model.services[i]);
  }
}

}  // namespace emu
