// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/http_get.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

namespace emu {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kLongestResponse = 65536;
constexpr milliseconds kForTheRest{200};

/// False when `end` came first.
bool wait_for(const netns::UniqueFd& connection, short what, steady_clock::time_point end) {
  const auto wait = std::chrono::ceil<milliseconds>(end - steady_clock::now());
  pollfd ready{connection.get(), what, 0};
  return ::poll(&ready, 1, static_cast<int>(std::max(wait, milliseconds{0}).count())) > 0;
}

bool send_all(const netns::UniqueFd& connection, std::string_view bytes, steady_clock::time_point end) {
  while (!bytes.empty()) {
    const auto sent = ::send(connection.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN || !wait_for(connection, POLLOUT, end)) {
      return false;
    }
  }
  return true;
}

/// Adds what comes next to `response`; false at the end of the response, at `end`, and on an error.
bool receive_more(const netns::UniqueFd& connection, std::string& response, steady_clock::time_point end) {
  if (response.size() >= kLongestResponse || !wait_for(connection, POLLIN, end)) return false;
  std::array<char, 4096> part{};
  const auto received = ::recv(connection.get(), part.data(), part.size(), 0);
  if (received > 0) response.append(part.data(), static_cast<std::size_t>(received));
  return received > 0;
}

}  // namespace

std::string http_request(const Target& target) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: lazuli\r\nAccept: */*\r\nConnection: close\r\n\r\n", target.resource,
                     target.authority);
}

std::optional<int> parse_http_status(std::string_view response) {
  constexpr std::size_t kStatusAt = std::string_view("HTTP/1.1 ").size();
  const auto line = response.substr(0, response.find("\r\n"));
  if (line.size() == response.size() || !line.starts_with("HTTP/1.") || line.size() < kStatusAt + 3) return std::nullopt;
  int status = 0;
  const auto* first = line.data() + kStatusAt;
  const auto [end, error] = std::from_chars(first, first + 3, status);
  if (error != std::errc{} || end != first + 3 || status < 100) return std::nullopt;
  return status;
}

std::optional<int> http_get(const netns::UniqueFd& connection, const Target& target, steady_clock::time_point end) {
  if (!send_all(connection, http_request(target), end)) return std::nullopt;
  std::string response;
  std::optional<int> status;
  while (!status && receive_more(connection, response, end)) status = parse_http_status(response);
  // Closed with unread data, the connection would end in RST, which looks like trouble in a capture and in the server's log.
  if (status) {
    const auto enough = steady_clock::now() + kForTheRest;
    while (receive_more(connection, response, enough)) {
    }
  }
  return status;
}

}  // namespace emu
