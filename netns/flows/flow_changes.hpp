// SPDX-License-Identifier: Apache-2.0
// netns/flows/flow_changes.hpp — changes to flows that connection tracking knows: marks for rules to look at, and forgetting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "netns/flows/flow.hpp"

namespace netns {

using SelectsFlow = std::function<bool(const Flow&)>;

/// Sets the mark (nft(8), `ct mark`) of the IPv4 flows in namespace `name_space` that `selects` chooses; one that ends meanwhile is
/// passed over. The calling thread visits the namespace.
/// @return how many were marked
/// @throws KernelError
std::size_t mark_flows(std::string_view name_space, std::uint32_t mark, const SelectsFlow& selects);

/// Deletes those flows instead: the next packet of one, from either side, is the first packet of a new flow, which the rules judge and
/// translate.
/// @return how many were deleted
/// @throws KernelError
std::size_t forget_flows(std::string_view name_space, const SelectsFlow& selects);

}  // namespace netns
