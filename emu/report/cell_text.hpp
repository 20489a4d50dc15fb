// SPDX-License-Identifier: Apache-2.0
// emu/report/cell_text.hpp — what a cell of a table says of a value.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>

#include "emu/model/subnet_reference.hpp"
#include "netns/base/address.hpp"

namespace emu {

/// Empty for none.
inline std::string text(const std::optional<netns::Ipv4Address>& address) { return address ? to_string(*address) : ""; }

/// `hub/default`
inline std::string text(const SubnetReference& subnet) { return fmt::format("{}/{}", subnet.virtual_network, subnet.subnet); }

}  // namespace emu
