// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "emu/semantics/rules.hpp"
#include "emu/semantics/service_tags.hpp"

namespace emu {
namespace {

/// The tags of a file that stand for nothing in a lab, each once, and the place of the first.
struct EmptyTags {
  std::string path;
  std::vector<std::string> names;

  void see(const std::string& place, const std::string& text) {
    if (!is_service_tag(text) || find_service_tag(text)) return;
    if (names.empty()) path = place;
    if (std::ranges::none_of(names, [&](const auto& name) { return same_name(name, text); })) names.push_back(text);
  }
};

}  // namespace

void check_service_tags(const Subject& subject, Findings& findings) {
  EmptyTags tags;
  const auto& tables = subject.model.route_tables;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    for (std::size_t j = 0; j < tables[i].routes.size(); ++j)
      tags.see(fmt::format("route_tables[{}].routes[{}].address_prefix", i, j), tables[i].routes[j].service_tag);
  }
  const auto& groups = subject.model.network_security_groups;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (std::size_t j = 0; j < groups[i].security_rules.size(); ++j) {
      const auto& rule = groups[i].security_rules[j];
      const auto path = fmt::format("network_security_groups[{}].security_rules[{}].", i, j);
      for (const auto& text : rule.source.address_prefixes) tags.see(path + "source_address_prefix", text);
      for (const auto& text : rule.destination.address_prefixes) tags.see(path + "destination_address_prefix", text);
    }
  }
  if (tags.names.empty()) return;
  findings.warning(tags.path,
                   fmt::format("no address in a lab is in the service tag{} {}: what names {} matches nothing",
                               tags.names.size() == 1 ? "" : "s", fmt::join(tags.names, ", "), tags.names.size() == 1 ? "it" : "them"));
}

}  // namespace emu
