// SPDX-License-Identifier: Apache-2.0
// emu/scenario/kinds/routing.hpp — route tables.
#pragma once

#include <fmt/format.h>

#include "emu/model/model.hpp"
#include "emu/model/wording.hpp"
#include "emu/scenario/kinds/common.hpp"

namespace emu {

/// A prefix, or the name of a service tag; which tags there are is for `validate` to say.
inline void read_route_prefix(FieldReader& reader, const Place& place, UserDefinedRoute& route) {
  const auto text = reader.scalar(place, "an address prefix or a service tag");
  if (!text) return;
  const bool is_tag = !text->empty() && text->find_first_of("/:") == std::string_view::npos && (text->front() < '0' || text->front() > '9');
  if (is_tag)
    route.service_tag = *text;
  else
    reader.read(place, route.address_prefix);
}

inline void read_next_hop_type(FieldReader& reader, const Place& place, UserDefinedRoute& route) {
  constexpr std::array kTypes{NextHopType::VirtualNetworkGateway, NextHopType::VnetLocal, NextHopType::Internet,
                              NextHopType::VirtualAppliance, NextHopType::None};
  read_enumerated(reader, place, kTypes, route.next_hop_type);
}

template <>
struct ObjectKind<UserDefinedRoute> {
  using T = UserDefinedRoute;
  static constexpr std::string_view kTitle = "route";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"address_prefix", read_route_prefix, Presence::Required},
      Field<T>{"next_hop_type", read_next_hop_type, Presence::Required},
      Field<T>{"next_hop_in_ip_address", member<&T::next_hop_in_ip_address>},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*route*/) {}
};

inline void read_route_table_location(FieldReader& reader, const Place& place, RouteTable& table) {
  read_location(reader, place, table.location);
}

template <>
struct ObjectKind<RouteTable> {
  using T = RouteTable;
  static constexpr std::string_view kTitle = "route table";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"location", read_route_table_location},
      Field<T>{"bgp_route_propagation_enabled", member<&T::bgp_route_propagation_enabled>},
      Field<T>{"routes", member<&T::routes>},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*table*/) {}
};

}  // namespace emu
