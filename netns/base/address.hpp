// SPDX-License-Identifier: Apache-2.0
// netns/base/address.hpp — IPv4 addresses and prefixes, and MAC addresses, as values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netns {

/// An IPv4 address; `value` is in host byte order, so addresses order and count as numbers do.
struct Ipv4Address {
  std::uint32_t value = 0;

  /// Reads dotted-quad notation as inet_pton(3) does; nothing else is accepted.
  static std::optional<Ipv4Address> parse(std::string_view text);

  auto operator<=>(const Ipv4Address&) const = default;
};

/// An IPv4 prefix (RFC 4632). Host bits may be set in what a person wrote; `of` and `normalized` clear them.
struct Ipv4Prefix {
  Ipv4Address address;
  int length = 0;  ///< 0 to 32

  /// Reads `a.b.c.d/n`; host bits may be set, `normalized()` clears them.
  static std::optional<Ipv4Prefix> parse(std::string_view text);

  /// The prefix of `length` bits that holds `address`.
  static Ipv4Prefix of(Ipv4Address address, int length);

  std::uint32_t mask() const;
  Ipv4Prefix normalized() const { return of(address, length); }
  bool has_host_bits() const { return normalized() != *this; }
  Ipv4Address first() const { return {address.value & mask()}; }
  Ipv4Address last() const { return {address.value | ~mask()}; }
  /// Number of addresses, 2^(32-length).
  std::uint64_t size() const { return std::uint64_t{1} << (32 - length); }
  bool contains(Ipv4Address other) const { return (other.value & mask()) == first().value; }
  bool contains(const Ipv4Prefix& other) const { return other.length >= length && contains(other.address); }
  bool overlaps(const Ipv4Prefix& other) const { return contains(other) || other.contains(*this); }

  auto operator<=>(const Ipv4Prefix&) const = default;
};

/// An Ethernet address.
struct MacAddress {
  std::array<std::uint8_t, 6> bytes{};

  auto operator<=>(const MacAddress&) const = default;
};

std::string to_string(Ipv4Address address);
std::string to_string(const Ipv4Prefix& prefix);
/// Lower-case, colon-separated, as iproute2 prints it.
std::string to_string(const MacAddress& address);

}  // namespace netns
