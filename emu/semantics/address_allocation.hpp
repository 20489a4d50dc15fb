// SPDX-License-Identifier: Apache-2.0
// emu/semantics/address_allocation.hpp — which address Azure gives to what does not name one.
//
// Theory of operation. Three kinds of claim are settled in this order, so that a weaker one never takes what a stronger one has:
//
//   1. fixed   a static address, an internet host's address
//   2. kept    what the running lab gave to the same machine or network, while it still fits
//   3. new     the lowest free address, in the order of the file
//
// Every pool has a cursor that only moves forward and a hash set of what is taken: n machines cost O(n).
#pragma once

#include <optional>
#include <vector>

#include "emu/model/model.hpp"

namespace emu {

/// The private address of each machine, in the order of `model.virtual_machines` (IPAM-1..3, SUB-2).
///
/// A dynamic address is kept while the machine stays in its subnet and the address stays usable there; a machine that moved
/// gets a new one. Empty for a machine whose subnet is full or missing, which `validate` refuses (IPAM-7).
std::vector<std::optional<Ipv4Address>> private_addresses(const Model& model, const Model* previous);

/// The addresses that a lab has on the emulated internet.
struct PublicAddresses {
  std::vector<std::optional<Ipv4Address>> machines;          ///< in the order of the model; empty without a public address
  std::vector<std::optional<Ipv4Address>> default_outbound;  ///< of each virtual network (PIP-9)
  std::vector<std::optional<Ipv4Address>> gateways;          ///< of each virtual network gateway
  std::vector<std::optional<Ipv4Address>> sites;             ///< of each on-premises site's device

  bool operator==(const PublicAddresses&) const = default;
};

/// Gives machines, then gateways, then sites the lowest free address of 203.0.113.0/24, 198.51.100.0/24, 192.0.2.0/24 and 198.18.0.0/16, in
/// this order, and virtual networks the highest free one of 198.18.0.0/16. No address is given twice. Empty once all of them are taken.
PublicAddresses public_addresses(const Model& model, const Model* previous);

}  // namespace emu
