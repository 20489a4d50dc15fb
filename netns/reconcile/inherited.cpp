// SPDX-License-Identifier: Apache-2.0
#include "netns/reconcile/inherited.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "netns/base/sysctl.hpp"

namespace netns {

void InheritedSwitches::set(const std::string& name, const Namespace& wanted) {
  for (const auto& [path, value] : initial_switches(wanted)) {
    std::string inherited;
    {
      const std::lock_guard lock{mutex_};
      auto known = inherited_.find(path);
      if (known == inherited_.end()) known = inherited_.emplace(path, read_sysctl(path, name).value_or("")).first;
      inherited = known->second;
    }
    if (inherited == value || (inherited.empty() && is_optional_sysctl(path))) continue;
    write_sysctl(path, value, name);
  }
}

bool neighbour_settings_are_inherited_well() {
  // A new link takes over those of the host, whatever namespace it is in; there alone the kernel shows them.
  static const bool well = std::ranges::all_of(neighbour_settings(), [](const auto& setting) {
    const auto value = read_sysctl(fmt::format("ipv4/neigh/default/{}", setting.first), "the host");
    return value && *value == std::to_string(setting.second);
  });
  return well;
}

}  // namespace netns
