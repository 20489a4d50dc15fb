// SPDX-License-Identifier: Apache-2.0
// emu/report/resource_id.hpp — what ARM calls a resource of a lab.
#pragma once

#include <string>
#include <string_view>

#include "emu/model/model.hpp"

namespace emu {

/// `/subscriptions/0000.../resourceGroups/<group>/providers/Microsoft.Network/<type>/<name>`, of a resource in the lab's own group;
/// a lab has no subscription.
inline std::string resource_id(const Model& model, std::string_view type, std::string_view name) {
  std::string id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/";
  return id.append(model.resource_group).append("/providers/Microsoft.Network/").append(type).append("/").append(name);
}

}  // namespace emu
