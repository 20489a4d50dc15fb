// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/service_addresses.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "emu/model/service_lookup.hpp"
#include "emu/semantics/service_tags.hpp"

namespace emu {
namespace {

/// Every type that `validate` lets pass has a tag.
Ipv4Prefix range_of(std::string_view type) {
  constexpr Ipv4Prefix kOthers{{0xC613C000}, 18};  // 198.19.192.0/18
  const auto tag = std::ranges::find(kServiceTags, type, &ServiceTag::type);
  return tag == kServiceTags.end() ? kOthers : tag->prefix;
}

}  // namespace

void give_service_addresses(Model& model, const Model* previous) {
  std::set<Ipv4Address> taken;
  for (auto* services : {&model.storage_accounts, &model.services}) {
    for (auto& service : *services) {
      const auto* before = previous == nullptr ? nullptr : find_service(*previous, service.name);
      if (before != nullptr && before->type == service.type && before->address && taken.insert(*before->address).second)
        service.address = before->address;
    }
  }
  std::map<Ipv4Prefix, std::uint32_t> next;
  for (auto* services : {&model.storage_accounts, &model.services}) {
    for (auto& service : *services) {
      if (service.address) continue;
      const auto range = range_of(service.type);
      auto& candidate = next.try_emplace(range, range.first().value + kReservedAtStart).first->second;
      while (!taken.insert({candidate}).second) ++candidate;
      service.address = Ipv4Address{candidate};
    }
  }
}

}  // namespace emu
