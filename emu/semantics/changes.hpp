// SPDX-License-Identifier: Apache-2.0
// emu/semantics/changes.hpp — what a new lab file changes in a running lab, in Azure's terms.
//
// Theory of operation. Two resolved models are compared resource by resource, by name. Every change is listed under the resource
// that a person changed, in the order of the file: networks, each with its subnets and peerings, machines, VPN gateways with all that
// belongs to them, services, internet hosts; what was removed follows what is there. Routes are nobody's resource: those that take or lose
// effect are listed below their cause. A route that every subnet of a network gains or loses belongs to the peering or the network that
// brought it, any other one to its subnet.
#pragma once

#include <string>
#include <vector>

#include "emu/model/model.hpp"

namespace emu {

struct Change {
  enum class Kind { Create, Update, Delete };

  /// Something that follows from a change: `route 10.1.0.0/16 VNetPeering b`, `'a-to-b' is Connected`.
  struct Consequence {
    Kind kind = Kind::Create;
    std::string text;
    std::string reason;  ///< empty when the change says it

    bool operator==(const Consequence&) const = default;
  };

  Kind kind = Kind::Create;
  std::string resource;  ///< `vnet spoke / subnet web`
  std::string detail;    ///< `address space: 10.1.0.0/16 -> 10.2.0.0/16`; several are joined by `; `
  std::vector<Consequence> consequences;

  bool operator==(const Change&) const = default;
};

/// What has to happen for `before` (the running lab, or nullptr) to become `after`. Both are resolved. Empty when nothing that
/// Azure knows of differs; checks are no resource. Pure.
std::vector<Change> changes(const Model* before, const Model& after);

}  // namespace emu
