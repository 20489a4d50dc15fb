// SPDX-License-Identifier: Apache-2.0
// Services, by service endpoint or over the internet (azure-semantics 7).
#include <fmt/format.h>

#include <algorithm>

#include "emu/semantics/walk.hpp"

namespace emu {
namespace {

bool holds(const std::vector<Ipv4Prefix>& prefixes, Ipv4Address address) {
  return std::ranges::any_of(prefixes, [&](const Ipv4Prefix& prefix) { return prefix.contains(address); });
}

}  // namespace

/// SE-9: only what the subnet sends itself is the subnet's.
Walk::Next Walk::to_service(const SubnetPlace& subnet, const MachinePlace* sender) {
  const auto where = where_is(subnet);
  const auto* place = map_.public_place(packet_.destination);
  if (place == nullptr || place->service == nullptr) return lose(where, "there is no such service");
  if (sender == nullptr || !holds(subnet.subnet->address_prefixes, packet_.source))
    return lose(where, "its service endpoint is not for what it passes on (SE-8, SE-9)");
  return ServicePlace{place->service, &subnet};
}

Walk::Next Walk::leave_service(const ServicePlace& place) {
  if (place.endpoint == nullptr) return cross_internet();
  note(where_is(Place{place}), "answers over the service endpoint");
  return deliver(*place.endpoint->network, Arrival::Usual);
}

/// SA-2, SA-4.
Admission Walk::admits(const ServicePlace& place) const {
  const auto& service = *place.service;
  const auto& rules = service.network_rules;
  if (rules.default_action == DefaultAction::Allow) return {true, "lets everybody in"};
  if (place.endpoint != nullptr) {
    const SubnetReference endpoint{place.endpoint->network->network->name, place.endpoint->subnet->name};
    const auto names_it = [&](const SubnetReference& reference) { return same_subnet(reference, endpoint); };
    const auto caller = where_is(*place.endpoint).place;
    if (std::ranges::any_of(rules.virtual_network_subnets, names_it))
      return {true, fmt::format("lets {} in: a virtual network rule", caller)};
    return {false, fmt::format("does not let {} in: no virtual network rule names it (SA-2)", caller)};
  }
  const auto* caller = map_.public_place(packet_.source);
  const auto* network = caller == nullptr ? nullptr : caller->machine != nullptr ? caller->machine->network : caller->default_outbound_of;
  const bool in_region = network != nullptr && network->network->location == service.location;
  const auto source = to_string(packet_.source);
  if (!holds(rules.ip_rules, packet_.source)) return {false, fmt::format("does not let {} in: no IP rule names it (SA-2)", source)};
  if (in_region) return {false, fmt::format("does not let {} in: IP rules are not for its own region (SA-4)", source)};
  return {true, fmt::format("lets {} in: an IP rule", source)};
}

}  // namespace emu
