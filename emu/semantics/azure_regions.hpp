// SPDX-License-Identifier: Apache-2.0
// emu/semantics/azure_regions.hpp — the regions that Azure has.
#pragma once

#include <span>
#include <string_view>

namespace emu {

/// Their names as resources carry them: `westeurope`. Regions for tests and of one customer only are not among them.
std::span<const std::string_view> azure_regions();

bool is_azure_region(std::string_view location);

}  // namespace emu
