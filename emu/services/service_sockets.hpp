// SPDX-License-Identifier: Apache-2.0
// emu/services/service_sockets.hpp — the listening sockets of the mock service: one for each service on each link it is asked over.
//
// A socket that is bound to a link takes connections of that link alone, and so do those that it accepts. So the link that a request
// came in by is beyond doubt, and two callers with one address and one port on two links are two connections (SE-10).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "emu/services/service_configuration.hpp"
#include "netns/base/unique_fd.hpp"

namespace emu {

inline constexpr std::uint16_t kServicePort = 80;

struct ServiceSocket {
  netns::UniqueFd socket;
  unsigned ifindex = 0;  ///< of the link it is bound to: one of the same name may come later
  std::string device;
  netns::Ipv4Address service;
};

class ServiceSockets {
 public:
  /// Opens and closes sockets until there is one for each service on each link that is there. Those that stay are not touched.
  /// @param epoll  watches them, by descriptor @throws std::system_error
  void match(const ServiceConfiguration& configuration, int epoll);

  /// nullptr when `socket` is none of them.
  const ServiceSocket* find(int socket) const;

 private:
  std::map<std::pair<std::string, netns::Ipv4Address>, ServiceSocket> sockets_;  ///< by link and service
  std::map<int, const ServiceSocket*> by_descriptor_;
};

}  // namespace emu
