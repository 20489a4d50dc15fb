// SPDX-License-Identifier: Apache-2.0
// tests/support/tcp_client.hpp — a TCP connection that says what a test wants it to say, to the letter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "netns/base/unique_fd.hpp"

namespace test {

class TcpClient {
 public:
  /// Connects from the calling thread's namespace; `is_connected` tells whether it could. Nothing waits longer than a few seconds.
  TcpClient(const std::string& address, std::uint16_t port);

  bool is_connected() const { return connected_; }
  /// @return false when the other side is gone
  bool send(std::string_view bytes) const;
  /// What comes until there are `count` bytes, the other side ends, or patience does.
  std::string read(std::size_t count) const;
  std::string read_to_end() const { return read(std::string::npos); }
  /// Whether the other side has ended the connection by now, or does within patience.
  bool is_ended() const;

 private:
  netns::UniqueFd socket_;
  bool connected_ = false;
};

/// All that is answered on a connection of its own to `bytes`, until the other side ends it.
std::string converse(std::uint16_t port, std::string_view bytes);

}  // namespace test
