// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/http_get.hpp"

#include <fmt/format.h>

#include <charconv>

#include "emu/verify/byte_stream.hpp"

namespace emu {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kLongestResponse = 65536;
constexpr std::chrono::milliseconds kForTheRest{200};

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
  const auto stream = target.secure ? tls_stream(connection, target.host, end) : plain_stream(connection);
  if (!stream || !stream->send(http_request(target), end)) return std::nullopt;
  std::string response;
  std::optional<int> status;
  const auto receive_more = [&](steady_clock::time_point until) {
    return response.size() < kLongestResponse && stream->receive(response, until);
  };
  while (!status && receive_more(end)) status = parse_http_status(response);
  // Closed with unread data, the connection would end in RST, which looks like trouble in a capture and in the server's log.
  if (status) {
    const auto enough = steady_clock::now() + kForTheRest;
    while (receive_more(enough)) {
    }
  }
  return status;
}

}  // namespace emu
