// SPDX-License-Identifier: Apache-2.0
#include "emu/services/http_response.hpp"

#include <fmt/format.h>

#include <iterator>

namespace emu {
namespace {

std::string_view reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 417: return "Expectation Failed";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "Internal Server Error";
  }
}

}  // namespace

void HttpResponse::set_field(std::string_view name, std::string_view value) {
  fmt::format_to(std::back_inserter(fields), "{}: {}\r\n", name, value);
}

void HttpResponse::set_body(std::string_view content_type, std::string content) {
  set_field("Content-Type", content_type);
  body = std::make_shared<const std::string>(std::move(content));
}

HttpResponse plain_response(int status) {
  HttpResponse response;
  response.status = status;
  response.set_body("text/plain; charset=utf-8", fmt::format("{} {}\n", status, reason_of(status)));
  return response;
}

std::string head_of(const HttpResponse& response, int minor_version, bool keeps) {
  const auto* const connection = !keeps ? "Connection: close\r\n" : minor_version == 0 ? "Connection: keep-alive\r\n" : "";
  return fmt::format("HTTP/1.1 {} {}\r\n{}Content-Length: {}\r\n{}\r\n", response.status, reason_of(response.status), response.fields,
                     response.body == nullptr ? 0 : response.body->size(), connection);
}

}  // namespace emu
