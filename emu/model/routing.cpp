// SPDX-License-Identifier: Apache-2.0
#include "emu/model/routing.hpp"

namespace emu {

std::string_view to_string(NextHopType type) {
  switch (type) {
    case NextHopType::VnetLocal: return "VnetLocal";
    case NextHopType::VNetPeering: return "VNetPeering";
    case NextHopType::VNetGlobalPeering: return "VNetGlobalPeering";
    case NextHopType::Internet: return "Internet";
    case NextHopType::None: return "None";
    case NextHopType::VirtualAppliance: return "VirtualAppliance";
    case NextHopType::VirtualNetworkGateway: return "VirtualNetworkGateway";
    case NextHopType::VirtualNetworkServiceEndpoint: return "VirtualNetworkServiceEndpoint";
  }
  return "";
}

}  // namespace emu
