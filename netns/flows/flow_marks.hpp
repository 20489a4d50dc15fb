// SPDX-License-Identifier: Apache-2.0
// netns/flows/flow_marks.hpp — marks on flows that connection tracking knows, for rules to look at (nft(8), `ct mark`).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "netns/flows/flow.hpp"

namespace netns {

/// Sets the mark of the IPv4 flows in namespace `name_space` that `selects` chooses; one that ends meanwhile is passed over. The calling
/// thread visits the namespace.
/// @return how many were marked
/// @throws KernelError
std::size_t mark_flows(std::string_view name_space, std::uint32_t mark, const std::function<bool(const Flow&)>& selects);

}  // namespace netns
