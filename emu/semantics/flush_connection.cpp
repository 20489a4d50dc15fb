// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/flush_connection.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>

#include "emu/model/name_key.hpp"
#include "emu/semantics/effective_security_rules.hpp"

namespace emu {
namespace {

bool flushes(const Model& model, const std::string& name) {
  const auto* group = find_network_security_group(model, name);
  return group != nullptr && group->flush_connection;
}

bool has_flushing_group(const Model& model, const VirtualMachine& machine) {
  const auto* subnet = find_subnet(model, machine.subnet);
  return flushes(model, machine.network_security_group) || (subnet != nullptr && flushes(model, subnet->network_security_group));
}

bool rules_changed(const Model& before, const VirtualMachine& was, const Model& after, const VirtualMachine& is) {
  const auto groups_before = effective_security_groups(before, was);
  return std::ranges::any_of(effective_security_groups(after, is), [&](const EffectiveSecurityGroup& group) {
    if (!flushes(after, group.network_security_group)) return false;
    const auto known = std::ranges::find_if(groups_before, [&](const EffectiveSecurityGroup& other) {
      return other.of_subnet == group.of_subnet && same_name(other.network_security_group, group.network_security_group);
    });
    return known == groups_before.end() || known->rules != group.rules;
  });
}

}  // namespace

std::vector<const VirtualMachine*> machines_to_flush(const Model& before, const Model& after) {
  if (std::ranges::none_of(after.network_security_groups, &NetworkSecurityGroup::flush_connection)) return {};
  std::unordered_map<std::string, const VirtualMachine*> machines_before;
  for (const auto& machine : before.virtual_machines) machines_before.emplace(name_key(machine.name), &machine);
  /// Machines whose groups are and were the same obey the same rules.
  std::map<std::tuple<std::string, std::string, std::string, std::string, std::string>, bool> changed;
  std::vector<const VirtualMachine*> machines;
  for (const auto& machine : after.virtual_machines) {
    const auto was = machines_before.find(name_key(machine.name));
    if (was == machines_before.end() || !has_flushing_group(after, machine)) continue;
    const auto& old = *was->second;
    const auto [known, is_new] = changed.try_emplace({machine.subnet.virtual_network, machine.subnet.subnet, machine.network_security_group,
                                                      old.subnet.virtual_network + '/' + old.subnet.subnet, old.network_security_group});
    if (is_new) known->second = rules_changed(before, old, after, machine);
    if (known->second) machines.push_back(&machine);
  }
  return machines;
}

}  // namespace emu
