// SPDX-License-Identifier: Apache-2.0
// emu/services/service_sockets.hpp — the listening sockets of the mock service: one for each service on each link it is asked over.
//
// A socket that is bound to a link takes connections of that link alone, and so do those that it accepts. So the link that a request
// came in by is beyond doubt, and two callers with one address and one port on two links are two connections (SE-10).
#pragma once

#include <map>
#include <string>
#include <utility>

#include "emu/services/http_server.hpp"
#include "emu/services/service_configuration.hpp"

namespace emu {

class ServiceSockets {
 public:
  /// Opens and closes sockets until `server` listens on one for each service on each link that is there. Those that stay are not touched.
  /// @throws std::system_error
  void match(const ServiceConfiguration& configuration, HttpServer& server);

 private:
  struct Listening {
    unsigned ifindex = 0;  ///< of the link it is bound to: one of the same name may come later
    int socket = -1;       ///< as the server calls it
  };

  std::map<std::pair<std::string, netns::Ipv4Address>, Listening> sockets_;  ///< by link and service
};

}  // namespace emu
