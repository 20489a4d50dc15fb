// SPDX-License-Identifier: Apache-2.0
// emu/services/http_response.hpp — an HTTP response, and what stands before its body.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace emu {

struct HttpResponse {
  int status = 200;
  std::string fields;                       ///< `Name: value\r\n` each; length and connection are the server's business
  std::shared_ptr<const std::string> body;  ///< shared: many may be told the same at once, and it is there once

  void set_field(std::string_view name, std::string_view value);
  void set_body(std::string_view content_type, std::string content);
};

/// Only a status, in words.
HttpResponse plain_response(int status);

/// Status line and fields, with the empty line behind them. @param keeps  whether another request may follow
std::string head_of(const HttpResponse& response, int minor_version, bool keeps);

}  // namespace emu
