// SPDX-License-Identifier: Apache-2.0
// emu/model/nodes.hpp — the nodes that a lab has without being told to, by the names that commands know them by.
#pragma once

#include <string_view>

namespace emu {

inline constexpr std::string_view kInternetNode = "internet";
/// All services are in it; only in a lab that has some.
inline constexpr std::string_view kServicesNode = "services";

}  // namespace emu
