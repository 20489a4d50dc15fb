// SPDX-License-Identifier: Apache-2.0
#include "netns/rootless/channel.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "netns/base/error.hpp"

namespace netns {

void send_word(const UniqueFd& socket, std::string_view word) {
  ssize_t sent = 0;
  do sent = ::send(socket.get(), word.data(), word.size(), MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  require_that(sent == static_cast<ssize_t>(word.size()), "tell the other side");
}

std::string receive_word(const UniqueFd& socket) {
  std::array<char, 1024> word{};
  ssize_t size = 0;
  do size = ::recv(socket.get(), word.data(), word.size(), 0);
  while (size < 0 && errno == EINTR);
  if (size < 0 && errno == ECONNRESET) return {};
  require_that(size >= 0, "hear from the other side");
  return {word.data(), static_cast<std::size_t>(size)};
}

}  // namespace netns
