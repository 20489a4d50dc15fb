// SPDX-License-Identifier: Apache-2.0
// emu/services/connection_stream.hpp — a TCP connection as the HTTP library reads and writes it.
#pragma once

#include <httplib.h>

#include <array>
#include <cstddef>
#include <string>

#include "netns/base/unique_fd.hpp"

namespace emu {

/// What was read and not yet asked for, and what was written and not yet sent, stays with the connection from one request to the next.
class ConnectionStream final : public httplib::Stream {
 public:
  /// @param socket  whose reads and writes have a time limit of their own
  explicit ConnectionStream(netns::UniqueFd socket) : socket_(std::move(socket)) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* into, std::size_t size) override;
  ssize_t write(const char* from, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_.get(); }

  /// Sends what was written. @return false when the other side is gone
  bool flush();
  /// Whether the next request has begun to come in.
  bool has_unread() const { return next_ < filled_; }

 private:
  static constexpr std::size_t kReadAtOnce = 4096;
  static constexpr std::size_t kKeptBack = 65536;

  netns::UniqueFd socket_;
  std::array<char, kReadAtOnce> unread_{};
  std::size_t next_ = 0;
  std::size_t filled_ = 0;
  std::string unsent_;
};

}  // namespace emu
