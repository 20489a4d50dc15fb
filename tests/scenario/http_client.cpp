// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/http_client.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

namespace test {
namespace {

void require(bool done, const std::string& what) {
  const int error = errno;
  if (!done) throw std::system_error(error, std::generic_category(), what);
}

/// A socket stays in the namespace that its thread was in; so a thread goes there for it, and ends.
int socket_in(const std::string& name_space) {
  int result = -1;
  std::exception_ptr failure;
  std::thread([&] {
    try {
      const int fd = ::open(("/run/netns/" + name_space).c_str(), O_RDONLY | O_CLOEXEC);
      require(fd >= 0, "open " + name_space);
      const bool entered = ::setns(fd, CLONE_NEWNET) == 0;
      ::close(fd);
      require(entered, "enter " + name_space);
      result = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      require(result >= 0, "open a socket");
    } catch (...) {
      failure = std::current_exception();
    }
  }).join();
  if (failure) std::rethrow_exception(failure);
  return result;
}

std::size_t length_of(std::string_view headers) {
  constexpr std::string_view kName = "Content-Length: ";
  const auto place = headers.find(kName);
  return place == std::string_view::npos ? 0 : std::stoul(std::string(headers.substr(place + kName.size(), 20)));
}

}  // namespace

HttpClient::HttpClient(const std::string& name_space, const std::string& address, std::uint16_t local_port)
    : socket_(socket_in(name_space)) {
  constexpr timeval kLimit{5, 0};
  const int on = 1;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &kLimit, sizeof kLimit);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &kLimit, sizeof kLimit);
  ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in local{};
  local.sin_family = AF_INET;
  local.sin_port = htons(local_port);
  sockaddr_in remote{};
  remote.sin_family = AF_INET;
  remote.sin_port = htons(80);
  ::inet_pton(AF_INET, address.c_str(), &remote.sin_addr);
  try {
    require(::bind(socket_, reinterpret_cast<const sockaddr*>(&local), sizeof local) == 0, "bind");
    require(::connect(socket_, reinterpret_cast<const sockaddr*>(&remote), sizeof remote) == 0, "connect to " + address);
  } catch (...) {
    ::close(socket_);
    throw;
  }
}

HttpClient::HttpClient(HttpClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}

HttpClient::~HttpClient() {
  if (socket_ >= 0) ::close(socket_);
}

HttpAnswer HttpClient::get(std::string_view path) { return send_get(path) ? receive() : HttpAnswer{}; }

bool HttpClient::send_get(std::string_view path) const {
  const auto request = fmt::format("GET {} HTTP/1.1\r\nHost: test\r\n\r\n", path);
  return ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size());
}

HttpAnswer HttpClient::receive() {
  constexpr std::string_view kEnd = "\r\n\r\n";
  std::array<char, 4096> buffer{};
  while (true) {
    const auto end = received_.find(kEnd);
    if (end != std::string::npos && received_.size() >= end + kEnd.size() + length_of({received_.data(), end})) {
      HttpAnswer answer;
      answer.headers = received_.substr(0, end);
      answer.status = std::stoi(answer.headers.substr(answer.headers.find(' ') + 1));
      const auto length = length_of(answer.headers);
      answer.body = received_.substr(end + kEnd.size(), length);
      received_.erase(0, end + kEnd.size() + length);
      return answer;
    }
    const auto got = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (got <= 0) return {};
    received_.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace test
