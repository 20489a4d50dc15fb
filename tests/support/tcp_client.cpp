// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tcp_client.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace test {

TcpClient::TcpClient(const std::string& address, std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  constexpr timeval kLimit{10, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &kLimit, sizeof kLimit);
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &kLimit, sizeof kLimit);
  sockaddr_in remote{};
  remote.sin_family = AF_INET;
  remote.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &remote.sin_addr);
  connected_ = ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&remote), sizeof remote) == 0;
}

bool TcpClient::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string TcpClient::read(std::size_t count) const {
  std::string out;
  std::array<char, 65536> buffer{};
  while (out.size() < count) {
    const auto got = ::recv(socket_.get(), buffer.data(), std::min(buffer.size(), count - out.size()), 0);
    if (got <= 0) return out;
    out.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return out;
}

bool TcpClient::is_ended() const {
  std::array<char, 65536> buffer{};
  while (true) {
    const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    const int error = errno;
    if (got <= 0) return got == 0 || error != EAGAIN;
  }
}

std::string converse(std::uint16_t port, std::string_view bytes) {
  const TcpClient client("127.0.0.1", port);
  client.send(bytes);
  return client.read_to_end();
}

}  // namespace test
