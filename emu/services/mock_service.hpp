// SPDX-License-Identifier: Apache-2.0
// emu/services/mock_service.hpp — the process that serves a lab's emulated services, all of them.
//
// Theory of operation. All services are served by one HTTP server (`http_server.hpp`), which has a listening socket for each of them on
// each link. Who asks is told by the link that a connection came over, and what they may do is looked up anew for each request.
//
// SIGHUP means that the configuration or the links have changed: sockets are opened and closed to match, and connections of a subnet
// that has lost its service endpoint are reset (SE-5). The process has no capability by then: its namespace lets anybody have port 80.
#pragma once

#include <filesystem>

namespace emu {

/// Serves what `configuration` says until a signal ends the process. SIGHUP, which is blocked, makes it read the file again.
/// @throws std::system_error when a socket cannot be had
[[noreturn]] void run_mock_service(const std::filesystem::path& configuration);

}  // namespace emu
