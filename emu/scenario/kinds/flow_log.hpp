// SPDX-License-Identifier: Apache-2.0
// emu/scenario/kinds/flow_log.hpp — flow logs.
#pragma once

#include "emu/model/model.hpp"
#include "emu/scenario/kinds/common.hpp"

namespace emu {

template <>
struct ObjectKind<FlowLog> {
  using T = FlowLog;
  static constexpr std::string_view kTitle = "flow log";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"target", member<&T::target>, Presence::Required},
      Field<T>{"enabled", member<&T::enabled>},
  };
  static constexpr std::array<std::string_view, 2> kNotYet{"retention_policy", "traffic_analytics"};
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*log*/) {}
};

}  // namespace emu
