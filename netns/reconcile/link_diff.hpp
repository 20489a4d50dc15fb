// SPDX-License-Identifier: Apache-2.0
// netns/reconcile/link_diff.hpp — whether a link is the one that is wanted, and what about it is not as wanted. Pure.
#pragma once

#include <string>

#include "netns/reconcile/reconcile.hpp"

namespace netns {

/// `lo`, as it is in every namespace.
Link loopback();

/// Whether the link is of the kind that is wanted, and of a pair that leads where it should. A veth's two ends come and go together, so one
/// that lacks its other end is not the link that is wanted. (Two namespaces may number two links alike: then the wrong one goes unnoticed.)
bool is_intact(const Observed& observed, const std::string& name_space, const std::string& name, const Link& wanted);

/// The end that is a bridge's port makes the pair, so that it is enslaved in the same message; otherwise the lesser name does.
bool makes_the_pair(const std::string& name_space, const std::string& name, const Link& wanted, const State& desired);

/// What is to be set of a link that is there; empty but for the name when nothing is.
LinkChange link_change(const std::string& name, const Link& wanted, const ObservedLink& found, Custody custody);

}  // namespace netns
