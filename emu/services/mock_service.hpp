// SPDX-License-Identifier: Apache-2.0
// emu/services/mock_service.hpp — the process that serves a lab's emulated services, all of them.
//
// Theory of operation. One thread waits for everything: new connections on the listening sockets, requests on idle connections, and
// SIGHUP. A connection with a request is handed to a thread, which answers and hands it back; so an idle connection costs no thread,
// and thousands of them are nothing. Who the caller is was settled when the connection was accepted; what it may do is looked up anew
// for each request, in the configuration of that moment.
//
// SIGHUP means that the configuration or the links have changed: sockets are opened and closed to match, and connections of a subnet
// that has lost its service endpoint are reset (SE-5).
#pragma once

#include <filesystem>

namespace emu {

/// Serves what `configuration` says until a signal ends the process. SIGHUP, which is blocked, makes it read the file again.
/// @throws std::system_error when a socket cannot be had
[[noreturn]] void run_mock_service(const std::filesystem::path& configuration);

}  // namespace emu
