// SPDX-License-Identifier: Apache-2.0
// emu/verify/http_get.hpp — one HTTP GET over a connection that is there already; only the status is of interest.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "emu/verify/target.hpp"
#include "netns/base/unique_fd.hpp"

namespace emu {

/// The bytes of the request: HTTP/1.1, one request on this connection.
std::string http_request(const Target& target);

/// The status in what a server has sent so far; empty while its first line is not whole, or when that is not HTTP.
std::optional<int> parse_http_status(std::string_view response);

/// Asks for `target` and waits for the status line until `end`. A redirect is not followed: it is its status.
/// @param connection  a connected, non-blocking socket
/// @return empty when no whole status line came
std::optional<int> http_get(const netns::UniqueFd& connection, const Target& target, std::chrono::steady_clock::time_point end);

}  // namespace emu
