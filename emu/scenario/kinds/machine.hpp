// SPDX-License-Identifier: Apache-2.0
// emu/scenario/kinds/machine.hpp — virtual machines, and hosts on the internet.
#pragma once

#include <fmt/format.h>

#include "emu/model/model.hpp"
#include "emu/model/wording.hpp"
#include "emu/scenario/kinds/common.hpp"

namespace emu {

/// How to write a subnet of which ARM's id is at hand.
inline std::string hint_on_subnet(std::string_view text) {
  constexpr std::string_view kNetworks = "/virtualNetworks/";
  constexpr std::string_view kSubnets = "/subnets/";
  const auto network = text.find(kNetworks);
  const auto subnet = text.find(kSubnets);
  if (network == std::string_view::npos || subnet == std::string_view::npos || subnet < network)
    return "write it as network/subnet, like hub/default";
  const auto name = text.substr(network + kNetworks.size(), subnet - network - kNetworks.size());
  return fmt::format("write {}/{}", printable(name), printable(text.substr(subnet + kSubnets.size())));
}

/// `hub/default`
inline void read_subnet_reference(FieldReader& reader, const Place& place, VirtualMachine& machine) {
  const auto text = reader.scalar(place, "a subnet, written network/subnet");
  if (!text) return;
  const auto slash = text->find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == text->size() || text->find('/', slash + 1) != std::string_view::npos)
    return reader.error(place, fmt::format("{} does not name a subnet", in_quotes(*text)), "", hint_on_subnet(*text));
  machine.subnet = {std::string(text->substr(0, slash)), std::string(text->substr(slash + 1))};
}

inline void read_private_address(FieldReader& reader, const Place& place, VirtualMachine& machine) {
  reader.read(place, machine.private_ip_address);
  if (machine.private_ip_address) machine.private_ip_allocation_method = "Static";
}

/// `true`, `false` or an address.
inline void read_public_address(FieldReader& reader, const Place& place, VirtualMachine& machine) {
  constexpr std::string_view kWhat = "true, false or an address";
  const auto text = reader.scalar(place, kWhat);
  if (!text) return;
  const auto word = name_key(*text);
  if (place.node.plain && (word == "true" || word == "false")) {
    machine.has_public_ip_address = word == "true";
    return;
  }
  if (text->find_first_of(".:") == std::string_view::npos)
    return reader.error(place, fmt::format("'public_ip_address' must be {}, not {}", kWhat, in_quotes(*text)));
  machine.has_public_ip_address = true;  // that it has one is plain, only not which
  reader.read(place, machine.public_ip_address);
  if (machine.public_ip_address) machine.public_ip_allocation_method = "Static";
}

/// PIP-1, PIP-6.
inline void read_public_address_sku(FieldReader& reader, const Place& place, VirtualMachine& machine) {
  read_enumerated(reader, place, std::array{PublicIpAddressSku::Basic, PublicIpAddressSku::Standard}, machine.public_ip_address_sku);
}

template <>
struct ObjectKind<VirtualMachine> {
  using T = VirtualMachine;
  static constexpr std::string_view kTitle = "virtual machine";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"subnet", read_subnet_reference, Presence::Required},
      Field<T>{"private_ip_address", read_private_address},
      Field<T>{"public_ip_address", read_public_address},
      Field<T>{"public_ip_address_sku", read_public_address_sku},
      Field<T>{"ip_forwarding", member<&T::ip_forwarding>},
      Field<T>{"web", member<&T::web>},
      Field<T>{"setup", read_programs<&Programs::setup, T>},
      Field<T>{"run", read_programs<&Programs::run, T>},
      Field<T>{"environment", read_environment<T>},
      Field<T>{"user", read_programs<&Programs::user, T>},
      Field<T>{"listens", read_listens<T>},
      Field<T>{"network_security_group", member<&T::network_security_group>},
      Field<T>{"application_security_groups", member<&T::application_security_groups>},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*machine*/) {}
};

template <>
struct ObjectKind<InternetHost> {
  using T = InternetHost;
  static constexpr std::string_view kTitle = "internet host";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"ip_address", member<&T::ip_address>, Presence::Required},
      Field<T>{"web", member<&T::web>},
      Field<T>{"setup", read_programs<&Programs::setup, T>},
      Field<T>{"run", read_programs<&Programs::run, T>},
      Field<T>{"environment", read_environment<T>},
      Field<T>{"user", read_programs<&Programs::user, T>},
      Field<T>{"listens", read_listens<T>},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*host*/) {}
};

template <>
struct ObjectKind<Internet> {
  using T = Internet;
  static constexpr std::string_view kTitle = "internet section";
  static constexpr std::array kFields{Field<T>{"hosts", member<&T::hosts>}};
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*internet*/) {}
};

}  // namespace emu
