// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace emu {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

bool is_host(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != ':' && c != '/' && c != '@'; });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

/// `host:port`, or `host` alone where there is a default.
std::optional<Target> parse_authority(std::string_view text, std::optional<std::uint16_t> default_port) {
  const auto colon = text.find(':');
  const auto host = text.substr(0, colon);
  const auto port = colon == std::string_view::npos ? default_port : parse_port(text.substr(colon + 1));
  if (!is_host(host) || !port) return std::nullopt;
  Target target;
  target.host = host;
  target.port = *port;
  return target;
}

std::optional<Target> parse_url(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  constexpr std::string_view kSecureScheme = "https://";
  const bool secure = same_name(text.substr(0, kSecureScheme.size()), kSecureScheme);
  const auto scheme = secure ? kSecureScheme : kScheme;
  if (!same_name(text.substr(0, scheme.size()), scheme)) return std::nullopt;
  text.remove_prefix(scheme.size());
  const auto authority = text.substr(0, text.find_first_of("/?#"));
  text.remove_prefix(authority.size());
  const auto resource = text.substr(0, text.find('#'));
  if (std::ranges::any_of(resource, [](char c) { return c <= ' ' || c >= 0x7f; })) return std::nullopt;
  auto target = parse_authority(authority, secure ? kHttpsPort : kHttpPort);
  if (!target) return std::nullopt;
  target->secure = secure;
  target->authority = authority;
  target->resource = resource.starts_with('/') ? std::string(resource) : fmt::format("/{}", resource);
  return target;
}

}  // namespace

std::optional<Target> parse_target(CheckKind kind, std::string_view text) {
  switch (kind) {
    case CheckKind::Ping: {
      if (!is_host(text)) return std::nullopt;
      Target target;
      target.host = text;
      return target;
    }
    case CheckKind::Tcp:
    case CheckKind::Udp: return parse_authority(text, std::nullopt);
    case CheckKind::Http: return parse_url(text);
    case CheckKind::Run: break;
  }
  return std::nullopt;
}

}  // namespace emu
