// SPDX-License-Identifier: Apache-2.0
// netns/netlink/ruleset.hpp — loads an nftables ruleset in one transaction, and tells whether it is still the one loaded.
//
// Theory of operation. Reading a ruleset back and comparing it with a text is slow and never exact: the kernel keeps no text. So
// each load adds an empty table whose comment holds the digest of the text and the generation the transaction creates (nf_tables
// counts its transactions per namespace). As long as both still hold, nobody has changed anything.
#pragma once

#include <optional>
#include <string>

#include "netns/state/state.hpp"

namespace netns {

/// Replaces the whole ruleset of the calling thread's namespace by `ruleset`: either all of it or nothing, and no packet sees a
/// state between the two.
/// @param place  the namespace's name, for messages
/// @throws KernelError with nft's words and the ruleset, its lines numbered
void load_ruleset(const Ruleset& ruleset, const std::string& place);

/// Removes every table of the calling thread's namespace.
void flush_ruleset(const std::string& place);

/// What `load_ruleset` left in the calling thread's namespace: nothing when it was never called there, another digest when the
/// ruleset was changed since.
std::optional<Ruleset> observe_ruleset(const std::string& place);

}  // namespace netns
