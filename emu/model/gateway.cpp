// SPDX-License-Identifier: Apache-2.0
#include "emu/model/gateway.hpp"

namespace emu {

std::string_view to_string(const Secret& secret) { return secret.empty() ? "" : "***"; }

std::string_view to_string(VpnType type) {
  switch (type) {
    case VpnType::RouteBased: return "RouteBased";
    case VpnType::PolicyBased: return "PolicyBased";
  }
  return "";
}

std::string_view to_string(ConnectionMode mode) {
  switch (mode) {
    case ConnectionMode::Default: return "Default";
    case ConnectionMode::InitiatorOnly: return "InitiatorOnly";
    case ConnectionMode::ResponderOnly: return "ResponderOnly";
  }
  return "";
}

}  // namespace emu
