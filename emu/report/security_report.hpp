// SPDX-License-Identifier: Apache-2.0
// emu/report/security_report.hpp — effective security rules, and what they say of one packet, as text and as Azure's JSON.
#pragma once

#include <string>
#include <vector>

#include "emu/semantics/effective_security_rules.hpp"

namespace emu {

/// For each group a line that says where it is attached, and a table of its rules in the order in which they are tried.
std::string rules_table(const VirtualMachine& machine, const std::vector<EffectiveSecurityGroup>& groups);

/// The answer of Azure's `effectiveNetworkSecurityGroups`, indented (azure-semantics 5.5).
std::string rules_json(const Model& model, const VirtualMachine& machine, const std::vector<EffectiveSecurityGroup>& groups);

/// Access and rule.
std::string ip_flow_text(const Verdict& verdict);

/// The answer of Azure's `ipFlowVerify`, indented (NW-2).
std::string ip_flow_json(const Verdict& verdict);

}  // namespace emu
