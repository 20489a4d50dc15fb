// SPDX-License-Identifier: Apache-2.0
// emu/fabric/main_routes.hpp — routes of a namespace's main table, where there are no others.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "netns/state/state.hpp"

namespace emu {

/// Without `gateway`, `destination` is on the link itself.
inline netns::Route main_route(const netns::Ipv4Prefix& destination, std::string device, std::optional<netns::Ipv4Address> gateway = {}) {
  return {.table = netns::kMainTable,
          .destination = destination,
          .type = netns::RouteType::Unicast,
          .device = std::move(device),
          .gateway = gateway};
}

/// What is for `destination` is dropped without a word.
inline netns::Route blackhole(const netns::Ipv4Prefix& destination) {
  return {.table = netns::kMainTable, .destination = destination, .type = netns::RouteType::Blackhole, .device = {}, .gateway = {}};
}

/// Adds `route` unless there is one for the same destination.
inline void add_unless_taken(netns::Namespace& name_space, netns::Route route) {
  const auto same = [&](const netns::Route& other) { return other.destination == route.destination; };
  if (std::ranges::none_of(name_space.routes, same)) name_space.routes.insert(std::move(route));
}

}  // namespace emu
