// SPDX-License-Identifier: Apache-2.0
// emu/scenario/kinds/on_premises.hpp — sites outside Azure: a VPN device each, and the hosts behind it.
#pragma once

#include "emu/scenario/kinds/gateway.hpp"

namespace emu {

template <>
struct ObjectKind<OnPremisesHost> {
  using T = OnPremisesHost;
  static constexpr std::string_view kTitle = "on-premises host";
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
struct ObjectKind<OnPremises> {
  using T = OnPremises;
  static constexpr std::string_view kTitle = "on-premises site";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"address_space", member<&T::address_space>, Presence::Required},
      Field<T>{"public_ip_address", member<&T::public_ip_address>},
      Field<T>{"shared_key", read_shared_key<T>},
      Field<T>{"shared_key_file", member<&T::shared_key_file>},
      Field<T>{"connection_mode", read_connection_mode<T>},
      Field<T>{"ipsec_policy", read_policy<T>},
      Field<T>{"use_policy_based_traffic_selectors", member<&T::use_policy_based_traffic_selectors>},
      Field<T>{"remote_address_space", member<&T::remote_address_space>},
      Field<T>{"hosts", member<&T::hosts>},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& reader, const Place& place, T& site) { require_key(reader, place, kTitle, site); }
};

}  // namespace emu
