// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <unordered_set>

#include "emu/model/wording.hpp"
#include "emu/semantics/rules.hpp"

namespace emu {
namespace {

/// The names by which something is used (NAME-4).
class Uses {
 public:
  void add(std::string_view name) { names_.insert(name_key(name)); }
  void add(const std::vector<std::string>& names) {
    for (const auto& name : names) add(name);
  }
  bool have(std::string_view name) const { return names_.contains(name_key(name)); }

 private:
  std::unordered_set<std::string> names_;
};

struct AllUses {
  Uses route_tables;
  Uses security_groups;
  Uses application_groups_with_members;
  Uses application_groups_in_rules;
  Uses local_gateways;
};

AllUses uses_of(const Model& model) {
  AllUses uses;
  for (const auto& network : model.virtual_networks) {
    for (const auto& subnet : network.subnets) {
      uses.route_tables.add(subnet.route_table);
      uses.security_groups.add(subnet.network_security_group);
    }
  }
  for (const auto& machine : model.virtual_machines) {
    uses.security_groups.add(machine.network_security_group);
    uses.application_groups_with_members.add(machine.application_security_groups);
  }
  for (const auto& group : model.network_security_groups) {
    for (const auto& rule : group.security_rules)
      for (const auto* side : {&rule.source, &rule.destination}) uses.application_groups_in_rules.add(side->application_security_groups);
  }
  for (const auto& connection : model.virtual_network_gateway_connections) uses.local_gateways.add(connection.local_network_gateway);
  return uses;
}

/// Warns of those of `items` that nothing uses.
/// @param hint  how one is used, `{}` for its name
template <typename Items>
void warn_of_unused(const Items& items, std::string_view section, std::string_view what, const Uses& uses, std::string_view hint,
                    Findings& findings) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].name.empty() || uses.have(items[i].name)) continue;
    findings.warning(fmt::format("{}[{}].name", section, i), fmt::format("nothing uses {} {}", what, in_quotes(items[i].name)), "",
                     fmt::format(fmt::runtime(hint), printable(items[i].name)));
  }
}

void warn_of_unused_application_groups(const Model& model, const AllUses& uses, Findings& findings) {
  const auto& groups = model.application_security_groups;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto& name = groups[i].name;
    const bool has_members = uses.application_groups_with_members.have(name);
    const bool is_in_rules = uses.application_groups_in_rules.have(name);
    if (name.empty() || (has_members && is_in_rules)) continue;
    const auto path = fmt::format("application_security_groups[{}].name", i);
    const auto to_join = fmt::format("write application_security_groups: [{}] in a virtual machine", printable(name));
    if (is_in_rules)
      findings.warning(path, fmt::format("no machine is in application security group {}: its rules match nothing", in_quotes(name)), "",
                       to_join);
    else if (has_members)
      findings.warning(path, fmt::format("no security rule names application security group {}", in_quotes(name)), "",
                       "a rule names it in source_application_security_group_ids or destination_application_security_group_ids");
    else
      findings.warning(path, fmt::format("nothing uses application security group {}", in_quotes(name)), "",
                       to_join + ", and name it in a security rule");
  }
}

}  // namespace

void check_unused(const Subject& subject, Findings& findings) {
  const auto& model = subject.model;
  const auto uses = uses_of(model);
  warn_of_unused(model.route_tables, "route_tables", "route table", uses.route_tables, "a subnet uses it with route_table: {}", findings);
  warn_of_unused(model.network_security_groups, "network_security_groups", "network security group", uses.security_groups,
                 "a subnet or a virtual machine uses it with network_security_group: {}", findings);
  warn_of_unused(model.local_network_gateways, "local_network_gateways", "local network gateway", uses.local_gateways,
                 "a connection uses it with local_network_gateway: {}", findings);
  warn_of_unused_application_groups(model, uses, findings);
}

}  // namespace emu
