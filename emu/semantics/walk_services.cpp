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
  const auto where = fmt::format("{}/{}", subnet.network->network->name, subnet.subnet->name);
  const auto* place = map_.public_place(packet_.destination);
  if (place == nullptr || place->service == nullptr) return lose(where, "there is no such service");
  if (sender == nullptr || !holds(subnet.subnet->address_prefixes, packet_.source))
    return lose(where, "its service endpoint is not for what it passes on (SE-8, SE-9)");
  return ServicePlace{place->service, &subnet};
}

Walk::Next Walk::leave_service(const ServicePlace& place) {
  if (place.endpoint == nullptr) return cross_internet();
  note(name_of(Place{place}), "answers over the service endpoint");
  return deliver(*place.endpoint->network, Arrival::Usual);
}

/// SA-2, SA-4.
bool Walk::admits(const ServicePlace& place) const {
  const auto& service = *place.service;
  const auto& rules = service.network_rules;
  if (rules.default_action == DefaultAction::Allow) return true;
  if (place.endpoint != nullptr) {
    const auto names_it = [&](const SubnetReference& reference) {
      return same_name(reference.virtual_network, place.endpoint->network->network->name) &&
             same_name(reference.subnet, place.endpoint->subnet->name);
    };
    return std::ranges::any_of(rules.virtual_network_subnets, names_it);
  }
  const auto* caller = map_.public_place(packet_.source);
  const auto* network = caller == nullptr ? nullptr : caller->machine != nullptr ? caller->machine->network : caller->default_outbound_of;
  const bool in_region = network != nullptr && network->network->location == service.location;
  return !in_region && holds(rules.ip_rules, packet_.source);
}

}  // namespace emu
