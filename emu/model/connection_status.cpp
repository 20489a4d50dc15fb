// SPDX-License-Identifier: Apache-2.0
#include "emu/model/connection_status.hpp"

namespace emu {

std::string_view to_string(ConnectionStatus::State state) {
  switch (state) {
    case ConnectionStatus::State::Unknown: return "Unknown";
    case ConnectionStatus::State::Connecting: return "Connecting";
    case ConnectionStatus::State::Connected: return "Connected";
    case ConnectionStatus::State::NotConnected: return "NotConnected";
  }
  return "";
}

}  // namespace emu
