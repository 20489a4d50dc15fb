// SPDX-License-Identifier: Apache-2.0
#include "emu/services/connection_stream.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace emu {
namespace {

void set(const sockaddr_in& address, std::string& ip, int& port) {
  std::array<char, INET_ADDRSTRLEN> text{};
  ip = ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
  port = ntohs(address.sin_port);
}

}  // namespace

ssize_t ConnectionStream::read(char* into, std::size_t size) {
  if (!has_unread()) {
    if (!flush()) return -1;  // the other side may be waiting for it
    ssize_t got = 0;
    do got = ::recv(socket_.get(), unread_.data(), unread_.size(), 0);
    while (got < 0 && errno == EINTR);
    if (got <= 0) return got;
    next_ = 0;
    filled_ = static_cast<std::size_t>(got);
  }
  const auto count = std::min(size, filled_ - next_);
  std::memcpy(into, unread_.data() + next_, count);
  next_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t ConnectionStream::write(const char* from, std::size_t size) {
  unsent_.append(from, size);
  if (unsent_.size() >= kKeptBack && !flush()) return -1;
  return static_cast<ssize_t>(size);
}

bool ConnectionStream::flush() {
  std::size_t sent = 0;
  while (sent < unsent_.size()) {
    const auto count = ::send(socket_.get(), unsent_.data() + sent, unsent_.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  unsent_.clear();
  return true;
}

void ConnectionStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getpeername(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0) set(address, ip, port);
}

void ConnectionStream::get_local_ip_and_port(std::string& ip, int& port) const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0) set(address, ip, port);
}

}  // namespace emu
