// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/http_get.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

using emu::CheckKind;
using emu::parse_http_status;
using emu::parse_target;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// A client's end and a server's end that has said `response` already.
struct Connection {
  explicit Connection(std::string_view response) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
    client = netns::UniqueFd{ends[0]};
    server = netns::UniqueFd{ends[1]};
    EXPECT_EQ(::write(server.get(), response.data(), response.size()), static_cast<ssize_t>(response.size()));
  }
  std::optional<int> get(milliseconds limit) const {
    return emu::http_get(client, parse_target(CheckKind::Http, "http://vm2/").value(), steady_clock::now() + limit);
  }

  netns::UniqueFd client;
  netns::UniqueFd server;
};

}  // namespace

TEST(HttpRequest, NamesTheHostAsTheUrlDoes) {
  const auto request = emu::http_request(parse_target(CheckKind::Http, "http://contosodata:8080/x?y").value());
  EXPECT_TRUE(request.starts_with("GET /x?y HTTP/1.1\r\nHost: contosodata:8080\r\n")) << request;
  EXPECT_TRUE(request.ends_with("\r\n\r\n"));
}

TEST(ParseHttpStatus, WaitsForTheWholeLine) {
  EXPECT_EQ(parse_http_status("HTTP/1.1 200"), std::nullopt);
  EXPECT_EQ(parse_http_status("HTTP/1.1 200 OK\r\n"), 200);
  EXPECT_EQ(parse_http_status("HTTP/1.0 403\r\nServer: x\r\n\r\n"), 403);
}

TEST(ParseHttpStatus, IsEmptyForOtherProtocols) {
  for (const char* text : {"", "\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 2x0 OK\r\n", "HTTP/1.1 20\r\n", "HTTP/1.1 099 x\r\n"})
    EXPECT_EQ(parse_http_status(text), std::nullopt) << text;
}

TEST(HttpGet, ARedirectIsItsStatus) {
  EXPECT_EQ(Connection("HTTP/1.1 301 Moved Permanently\r\nLocation: http://elsewhere/\r\n\r\n").get(milliseconds{1000}), 301);
}

TEST(HttpGet, SilenceAndTheEndAreNoStatus) {
  EXPECT_EQ(Connection("").get(milliseconds{20}), std::nullopt);
  Connection closed("HTTP/1.1");
  ::shutdown(closed.server.get(), SHUT_WR);
  EXPECT_EQ(closed.get(milliseconds{1000}), std::nullopt);
}
