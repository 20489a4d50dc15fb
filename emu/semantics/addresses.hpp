// SPDX-License-Identifier: Apache-2.0
// emu/semantics/addresses.hpp — which addresses are whose: Azure's in every subnet, the emulated internet's, the services'.
#pragma once

#include <array>
#include <cstdint>

#include "emu/model/model.hpp"

namespace emu {

/// What public addresses are taken from. These ranges exist nowhere (RFC 5737, RFC 2544).
inline constexpr std::array<Ipv4Prefix, 4> kInternetRanges{
    Ipv4Prefix{{0xCB007100}, 24},  // 203.0.113.0/24
    Ipv4Prefix{{0xC6336400}, 24},  // 198.51.100.0/24
    Ipv4Prefix{{0xC0000200}, 24},  // 192.0.2.0/24
    Ipv4Prefix{{0xC6120000}, 16},  // 198.18.0.0/16
};

/// What the emulated Azure services are addressed from.
inline constexpr Ipv4Prefix kServicesRange{{0xC6130000}, 16};  // 198.19.0.0/16

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

}  // namespace emu
