// SPDX-License-Identifier: Apache-2.0
// emu/report/security_report.hpp — effective security rules, and what they say of one packet, as text and as Azure's JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emu/model/rule_counts.hpp"
#include "emu/semantics/effective_security_rules.hpp"

namespace emu {

/// For each group a line that says where it is attached, and a table of its rules in the order in which they are tried.
/// @param counts  with them, what each rule decided, and a first line that says what was counted
std::string rules_table(const VirtualMachine& machine, const std::vector<EffectiveSecurityGroup>& groups,
                        const std::optional<RuleCounts>& counts = {});

/// The answer of Azure's `effectiveNetworkSecurityGroups`, indented (azure-semantics 5.5).
/// @param counts  with them, each rule has `packets` and `bytes` besides, which Azure does not know
std::string rules_json(const Model& model, const VirtualMachine& machine, const std::vector<EffectiveSecurityGroup>& groups,
                       const std::optional<RuleCounts>& counts = {});

/// The packet, access and rule, a line each.
std::string ip_flow_text(const Packet& packet, RuleDirection direction, const Verdict& verdict);

/// The answer of Azure's `ipFlowVerify`, indented (NW-2).
std::string ip_flow_json(const Verdict& verdict);

}  // namespace emu
