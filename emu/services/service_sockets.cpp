// SPDX-License-Identifier: Apache-2.0
#include "emu/services/service_sockets.hpp"

#include <net/if.h>

namespace emu {

void ServiceSockets::match(const ServiceConfiguration& configuration, HttpServer& server) {
  constexpr std::uint16_t kServicePort = 80;
  std::map<std::pair<std::string, netns::Ipv4Address>, unsigned> wanted;
  for (const auto& link : configuration.links) {
    const auto ifindex = ::if_nametoindex(link.device.c_str());
    if (ifindex == 0) continue;  // whoever brings the link tells us
    for (const auto address : link.services) wanted.emplace(std::pair{link.device, address}, ifindex);
  }
  std::erase_if(sockets_, [&](const auto& entry) {
    const auto found = wanted.find(entry.first);
    const bool stays = found != wanted.end() && found->second == entry.second.ifindex;
    if (!stays) server.stop_listening(entry.second.socket);
    return !stays;
  });
  for (const auto& [key, ifindex] : wanted) {
    if (sockets_.contains(key)) continue;
    const auto& [device, address] = key;
    sockets_.emplace(key, Listening{ifindex, server.listen(listening_socket(address, kServicePort, device), device)});
  }
}

}  // namespace emu
