// SPDX-License-Identifier: Apache-2.0
#include "netns/base/address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>

namespace netns {

std::optional<Ipv4Address> Ipv4Address::parse(std::string_view text) {
  in_addr raw{};
  if (inet_pton(AF_INET, std::string(text).c_str(), &raw) != 1) return std::nullopt;
  return Ipv4Address{ntohl(raw.s_addr)};
}

std::optional<Ipv4Prefix> Ipv4Prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = Ipv4Address::parse(text.substr(0, slash));
  const auto digits = text.substr(slash + 1);
  const bool is_plain = !digits.empty() && digits.front() != '-' && (digits.front() != '0' || digits.size() == 1);
  int length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (!address || !is_plain || error != std::errc{} || end != digits.data() + digits.size() || length < 0 || length > 32)
    return std::nullopt;
  return Ipv4Prefix{*address, length};
}

Ipv4Prefix Ipv4Prefix::of(Ipv4Address address, int length) {
  Ipv4Prefix prefix{address, length};
  prefix.address.value &= prefix.mask();
  return prefix;
}

std::uint32_t Ipv4Prefix::mask() const { return length == 0 ? 0 : ~std::uint32_t{0} << (32 - length); }

std::string to_string(Ipv4Address address) {
  const auto v = address.value;
  return fmt::format("{}.{}.{}.{}", v >> 24, (v >> 16) & 255, (v >> 8) & 255, v & 255);
}

std::string to_string(const Ipv4Prefix& prefix) { return fmt::format("{}/{}", to_string(prefix.address), prefix.length); }

std::string to_string(const MacAddress& address) {
  const auto& b = address.bytes;
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", b[0], b[1], b[2], b[3], b[4], b[5]);
}

}  // namespace netns
