// SPDX-License-Identifier: Apache-2.0
// emu/model/subnet_reference.hpp — a subnet named from outside its virtual network.
#pragma once

#include <string>

namespace emu {

/// `hub/default` in a file.
struct SubnetReference {
  std::string virtual_network;
  std::string subnet;

  bool operator==(const SubnetReference&) const = default;
};

}  // namespace emu
