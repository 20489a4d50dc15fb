// SPDX-License-Identifier: Apache-2.0
// emu/semantics/addresses.hpp — which addresses are whose: Azure's in every subnet, the emulated internet's, the services'.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "emu/model/model.hpp"

namespace emu {

/// What public addresses are given from where the file names none. These ranges exist nowhere (RFC 5737, RFC 2544).
inline constexpr std::array<Ipv4Prefix, 4> kInternetRanges{
    Ipv4Prefix{{0xCB007100}, 24},  // 203.0.113.0/24
    Ipv4Prefix{{0xC6336400}, 24},  // 198.51.100.0/24
    Ipv4Prefix{{0xC0000200}, 24},  // 192.0.2.0/24
    Ipv4Prefix{{0xC6120000}, 16},  // 198.18.0.0/16
};

/// What the emulated Azure services are addressed from.
inline constexpr Ipv4Prefix kServicesRange{{0xC6130000}, 16};  // 198.19.0.0/16

struct ForbiddenRange {
  Ipv4Prefix prefix;
  std::string_view use;
};

/// What nobody can have, in a network or outside (VNET-3).
inline constexpr std::array kForbiddenEverywhere{
    ForbiddenRange{{{0x00000000}, 8}, "no host can have (RFC 1122)"},      // 0.0.0.0/8
    ForbiddenRange{{{0x7F000000}, 8}, "is every host's own loopback"},     // 127.0.0.0/8
    ForbiddenRange{{{0xA9FE0000}, 16}, "Azure keeps for link-local use"},  // 169.254.0.0/16
    ForbiddenRange{{{0xA83F8110}, 32}, "Azure keeps for its platform"},    // 168.63.129.16/32
    ForbiddenRange{{{0xE0000000}, 4}, "is for multicast"},                 // 224.0.0.0/4
    ForbiddenRange{{{0xFFFFFFFF}, 32}, "is the broadcast address"},        // 255.255.255.255/32
};

/// What no network can have besides: what public addresses and services are given from.
inline constexpr std::array kForbiddenInNetworks{
    ForbiddenRange{kInternetRanges[0], "Lazuli's emulated internet uses"},
    ForbiddenRange{kInternetRanges[1], "Lazuli's emulated internet uses"},
    ForbiddenRange{kInternetRanges[2], "Lazuli's emulated internet uses"},
    ForbiddenRange{{{0xC6120000}, 15}, "Lazuli's emulated internet uses"},  // 198.18.0.0/15, services included
};

/// The range that `prefix` has something in common with; nullptr when there is none.
inline const ForbiddenRange* forbidden_range(const Ipv4Prefix& prefix) {
  for (const auto ranges : {std::span<const ForbiddenRange>(kForbiddenEverywhere), std::span<const ForbiddenRange>(kForbiddenInNetworks)}) {
    const auto found = std::ranges::find_if(ranges, [&](const auto& range) { return range.prefix.overlaps(prefix); });
    if (found != ranges.end()) return &*found;
  }
  return nullptr;
}

inline constexpr Ipv4Prefix kEverything{{0}, 0};

inline constexpr Ipv4Prefix kLinkLocal{{0xA9FE0000}, 16};  // 169.254.0.0/16

/// The platform's own address, in every network.
inline constexpr Ipv4Prefix kPlatformHost{{0xA83F8110}, 32};  // 168.63.129.16

/// What is private in Azure wherever it is (RT-3, VNET-4).
inline constexpr std::array<Ipv4Prefix, 4> kPrivateRanges{
    Ipv4Prefix{{0x0A000000}, 8},   // 10.0.0.0/8
    Ipv4Prefix{{0xAC100000}, 12},  // 172.16.0.0/12
    Ipv4Prefix{{0xC0A80000}, 16},  // 192.168.0.0/16
    Ipv4Prefix{{0x64400000}, 10},  // 100.64.0.0/10
};

/// SUB-1.
inline constexpr int kLargestSubnet = 2;
inline constexpr int kSmallestSubnet = 29;

/// SUB-2: the first four addresses of a subnet and its last one.
inline constexpr std::uint32_t kReservedAtStart = 4;
inline constexpr std::uint32_t kReservedAtEnd = 1;

/// Whether Azure keeps `address` of `subnet`, which must hold it, for itself (SUB-2).
inline bool is_reserved(const Ipv4Prefix& subnet, Ipv4Address address) {
  return address.value - subnet.first().value < kReservedAtStart || subnet.last().value - address.value < kReservedAtEnd;
}

/// How many machines `subnet` has room for (SUB-2).
inline std::uint64_t usable_addresses(const Ipv4Prefix& subnet) {
  constexpr auto kReserved = kReservedAtStart + kReservedAtEnd;
  return subnet.size() <= kReserved ? 0 : subnet.size() - kReserved;
}

/// What the device of an on-premises site has in `prefix` of the site, and the hosts there for a gateway: the first address. A prefix
/// of one or two addresses has room for hosts only, and the device answers for the others.
inline std::optional<Ipv4Address> device_address(const Ipv4Prefix& prefix) {
  constexpr int kLongestWithDevice = 30;
  if (prefix.length > kLongestWithDevice) return std::nullopt;
  return Ipv4Address{prefix.first().value + 1};
}

}  // namespace emu
