// SPDX-License-Identifier: Apache-2.0
// tests/scenario/http_client.hpp — an HTTP connection from a node of a lab that stays open, from a port of the test's choice.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace test {

struct HttpAnswer {
  int status = 0;  ///< 0: none came, the connection has ended
  std::string headers;
  std::string body;
};

class HttpClient {
 public:
  /// Connects from network namespace `name_space`. @param local_port  0 for any @throws std::system_error
  HttpClient(const std::string& name_space, const std::string& address, std::uint16_t local_port = 0);
  HttpClient(HttpClient&& other) noexcept;
  HttpClient& operator=(HttpClient&&) = delete;
  ~HttpClient();

  /// One request: sent, and its answer read.
  HttpAnswer get(std::string_view path);
  /// The two halves of `get`.
  bool send_get(std::string_view path) const;
  HttpAnswer receive();

 private:
  int socket_ = -1;
  std::string received_;
};

}  // namespace test
