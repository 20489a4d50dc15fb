// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "emu/model/wording.hpp"
#include "emu/semantics/rules.hpp"
#include "emu/semantics/security_tags.hpp"

namespace emu {
namespace {

// LIM-1
constexpr std::size_t kMostRules = 1000;
constexpr std::size_t kMostAddresses = 4000;
constexpr std::size_t kMostGroupsOfASide = 10;
constexpr std::size_t kMostGroupsOfAnNsg = 100;
constexpr std::size_t kMostGroupsOfAnInterface = 20;
constexpr std::size_t kLongestDescription = 140;  // NSG-17

constexpr std::string_view kConflict = "SecurityRuleConflict";

std::string group_path(std::size_t group) { return fmt::format("network_security_groups[{}]", group); }
std::string rule_path(std::size_t group, std::size_t rule) {
  return fmt::format("network_security_groups[{}].security_rules[{}]", group, rule);
}
std::string asg_path(std::size_t group) { return fmt::format("application_security_groups[{}]", group); }

/// UTF-8 code points.
std::size_t letters_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

class SecurityRules {
 public:
  SecurityRules(const Subject& subject, Findings& findings)
      : model_(subject.model),
        groups_(model_.network_security_groups),
        asgs_(model_.application_security_groups),
        networks_of_asgs_(model_.application_security_groups.size()),
        findings_(findings) {}

  void check() {
    check_names_in_list(model_.network_security_groups, "network security group", group_path, findings_);
    check_names_in_list(model_.application_security_groups, "application security group", asg_path, findings_);
    for (std::size_t i = 0; i < model_.virtual_machines.size(); ++i) check_machine(i);
    for (std::size_t i = 0; i < model_.network_security_groups.size(); ++i) check_group(i);
    for (std::size_t n = 0; n < model_.virtual_networks.size(); ++n) {
      for (std::size_t s = 0; s < model_.virtual_networks[n].subnets.size(); ++s) check_subnet(n, s);
    }
  }

 private:
  /// The place of the group that something names; it has to be where its user is (SUB-14).
  void check_reference(const std::string& path, const std::string& name, const std::string& location) {
    const auto found = groups_.find(name);
    if (!found)
      return findings_.missing(
          path, {"network security group"},
          fmt::format("there is no network security group {}{}", in_quotes(name), findings_.guess(name, groups_.names())));
    const auto& group = model_.network_security_groups[*found];
    if (!group.location.empty() && !location.empty() && group.location != location)
      findings_.error(path,
                      fmt::format("network security group {} is in {}, and what it is attached to in {}", in_quotes(group.name),
                                  group.location, location),
                      kInvalidReference);
  }

  /// ASG-1, as far as machines say it: which network the members of a group are in.
  void check_machine(std::size_t i) {
    const auto& machine = model_.virtual_machines[i];
    const auto* network = find_virtual_network(model_, machine.subnet.virtual_network);
    if (!machine.network_security_group.empty())
      check_reference(machine_path(i) + ".network_security_group", machine.network_security_group,
                      network == nullptr ? std::string{} : network->location);
    const auto path = machine_path(i) + ".application_security_groups";
    if (machine.application_security_groups.size() > kMostGroupsOfAnInterface)
      findings_.error(path, fmt::format("an interface is in at most {} application security groups", kMostGroupsOfAnInterface));
    for (std::size_t j = 0; j < machine.application_security_groups.size(); ++j) {
      const auto& name = machine.application_security_groups[j];
      const auto place = fmt::format("{}[{}]", path, j);
      const auto asg = asgs_.find(name);
      if (!asg) {
        refuse_asg(place, name);
        continue;
      }
      auto& home = networks_of_asgs_[*asg];
      if (home.empty()) home = machine.subnet.virtual_network;
      if (!machine.subnet.virtual_network.empty() && !same_name(home, machine.subnet.virtual_network))
        findings_.error(place,
                        fmt::format("application security group {} has members in {}, and {} is in {}", in_quotes(name), in_quotes(home),
                                    in_quotes(machine.name), in_quotes(machine.subnet.virtual_network)),
                        "", "all members of an application security group are in one virtual network");
    }
  }

  void refuse_asg(const std::string& path, const std::string& name) {
    findings_.missing(path, {"application security group"},
                      fmt::format("there is no application security group {}{}", in_quotes(name), findings_.guess(name, asgs_.names())));
  }

  void check_group(std::size_t group) {
    const auto& rules = model_.network_security_groups[group].security_rules;
    check_names_in_list(
        rules, "security rule", [group](std::size_t rule) { return rule_path(group, rule); }, findings_);
    if (rules.size() > kMostRules)
      findings_.error(rule_path(group, kMostRules),
                      fmt::format("a network security group has at most {} rules, not {}", kMostRules, rules.size()));
    std::map<std::pair<RuleDirection, std::uint16_t>, std::size_t> taken;
    std::set<std::string> asgs;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const auto& rule = rules[i];
      const auto path = rule_path(group, i);
      check_rule(path, rule);
      for (const auto* side : {&rule.source, &rule.destination})
        for (const auto& name : side->application_security_groups) asgs.insert(name_key(name));
      if (rule.priority == 0) continue;
      const auto [first, is_new] = taken.emplace(std::pair{rule.direction, rule.priority}, i);
      if (!is_new)
        findings_.error(path + ".priority",
                        fmt::format("security rule {} conflicts with {}: both have priority {} {}", in_quotes(rule.name),
                                    in_quotes(rules[first->second].name), rule.priority, to_string(rule.direction)),
                        std::string(kConflict));
    }
    if (asgs.size() > kMostGroupsOfAnNsg)
      findings_.error(group_path(group),
                      fmt::format("the rules of a network security group name at most {} application security groups, not {}",
                                  kMostGroupsOfAnNsg, asgs.size()));
  }

  void check_rule(const std::string& path, const SecurityRule& rule) {
    if (letters_in(rule.description) > kLongestDescription)
      findings_.error(path + ".description", fmt::format("a description has at most {} characters", kLongestDescription));
    check_side(path, rule, rule.source, "source");
    check_side(path, rule, rule.destination, "destination");
    check_networks(path, rule);
  }

  /// NSG-5, NSG-6.
  void check_side(const std::string& path, const SecurityRule& rule, const RuleSide& side, std::string_view name) {
    const bool with_ports = rule.protocol == RuleProtocol::Tcp || rule.protocol == RuleProtocol::Udp || rule.protocol == RuleProtocol::Any;
    if (!with_ports && std::ranges::any_of(side.port_ranges, [](const auto& range) { return !range.is_all(); }))
      findings_.error(path, fmt::format("security rule {} is for {}, which has no ports: its {} port must be '*'", in_quotes(rule.name),
                                        to_string(rule.protocol), name));
    const auto where = fmt::format("{}.{}_address_prefix{}", path, name, side.address_prefixes.size() > 1 ? "es" : "");
    for (const auto& text : side.address_prefixes) check_address(where, text, side.address_prefixes.size() > 1);
    if (side.address_prefixes.size() > kMostAddresses)
      findings_.error(where, fmt::format("one side of a rule has at most {} addresses", kMostAddresses));
    const auto& asgs = side.application_security_groups;
    const auto asg_place = fmt::format("{}.{}_application_security_group_ids", path, name);
    if (!asgs.empty() && !side.address_prefixes.empty())
      findings_.error(asg_place, fmt::format("the {} of security rule {} has both addresses and application security groups", name,
                                             in_quotes(rule.name)));
    if (asgs.size() > kMostGroupsOfASide)
      findings_.error(asg_place, fmt::format("one side of a rule has at most {} application security groups", kMostGroupsOfASide));
    for (const auto& asg : asgs)
      if (!asgs_.find(asg)) refuse_asg(asg_place, asg);
  }

  void check_address(const std::string& path, const std::string& text, bool is_one_of_several) {
    const auto prefix = Ipv4Prefix::parse(text);
    if (prefix && prefix->has_host_bits())
      return findings_.error(path, fmt::format("{} is an address inside a prefix: the prefix is {}", text, to_string(prefix->normalized())),
                             "InvalidCIDRNotation");
    if (prefix || Ipv4Address::parse(text)) return;
    const bool is_tag = text == "*" || is_security_tag(text);
    if (is_tag && is_one_of_several)
      findings_.error(path, fmt::format("{} cannot be one of several addresses: only prefixes can", in_quotes(text)));
    if (!is_tag)
      findings_.error(
          path,
          fmt::format("{} is neither an address prefix nor a service tag{}", in_quotes(text), findings_.guess(text, security_tag_names())),
          "InvalidAddressPrefixFormat",
          "write a prefix, an address, '*', or a tag like VirtualNetwork, Internet, AzureLoadBalancer, Storage");
  }

  /// ASG-1: the groups of both sides have their members in one network.
  void check_networks(const std::string& path, const SecurityRule& rule) {
    std::string home;
    for (const auto* side : {&rule.source, &rule.destination}) {
      for (const auto& name : side->application_security_groups) {
        const auto asg = asgs_.find(name);
        if (!asg || networks_of_asgs_[*asg].empty()) continue;
        if (home.empty()) home = networks_of_asgs_[*asg];
        if (same_name(home, networks_of_asgs_[*asg])) continue;
        findings_.error(path,
                        fmt::format("security rule {} joins application security groups of {} and of {}", in_quotes(rule.name),
                                    in_quotes(home), in_quotes(networks_of_asgs_[*asg])),
                        "", "the application security groups of a rule are of one virtual network");
        return;
      }
    }
  }

  void check_subnet(std::size_t network, std::size_t subnet) {
    const auto& owner = model_.virtual_networks[network];
    const auto& user = owner.subnets[subnet];
    if (user.network_security_group.empty()) return;
    const auto path = subnet_path(network, subnet) + ".network_security_group";
    check_reference(path, user.network_security_group, owner.location);
    if (user.name == kGatewaySubnet)
      findings_.error(
          path, fmt::format("network security group {} cannot be associated to the GatewaySubnet", in_quotes(user.network_security_group)),
          "NetworkSecurityGroupCannotBeAttachedToGatewaySubnet");
  }

  const Model& model_;
  NameIndex groups_;
  NameIndex asgs_;
  std::vector<std::string> networks_of_asgs_;  ///< of each application security group that has members
  Findings& findings_;
};

}  // namespace

void check_security_groups(const Subject& subject, Findings& findings) { SecurityRules(subject, findings).check(); }

}  // namespace emu
