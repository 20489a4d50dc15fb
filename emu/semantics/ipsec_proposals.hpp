// SPDX-License-Identifier: Apache-2.0
// emu/semantics/ipsec_proposals.hpp — what an end of a tunnel offers and accepts, as libreswan's `ike=` and `esp=` (ipsec.conf(5)).
//
// Theory of operation. Without a policy both ends offer Azure's defaults for a RouteBased gateway, in Azure's order (azure-semantics
// 6.2). Azure's group for them is DH 2, which libreswan 4.10 refuses, so it is DH 14 here (VPN-13). A policy is one proposal and
// replaces the defaults entirely (VPN-16). The same functions serve a connection and a site: both have an optional policy.
#pragma once

#include <optional>
#include <string>

#include "emu/model/gateway.hpp"

namespace emu {

/// For IKEv2. `policy` must be one that `validate` found nothing wrong with.
std::string ike_proposals(const std::optional<IpsecPolicy>& policy);
std::string esp_proposals(const std::optional<IpsecPolicy>& policy);

/// libreswan's `pfs=`: whether new keys of the packets get a key exchange of their own. Azure's defaults have none.
bool has_pfs(const std::optional<IpsecPolicy>& policy);

}  // namespace emu
