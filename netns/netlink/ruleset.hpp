// SPDX-License-Identifier: Apache-2.0
// netns/netlink/ruleset.hpp — loads an nftables ruleset in one transaction, and tells whether it is still the one loaded.
//
// Theory of operation. Reading a ruleset back and comparing it with a text is slow and never exact: the kernel keeps no text. So
// every load adds an element to a set of ours, `inet state loaded`: its key is the generation that the transaction creates
// (nf_tables counts its transactions per namespace), its comment the digest of what was loaded. As long as the element of the
// current generation is there, nobody has changed anything. The set holds that one element: whoever exchanges elements of a ruleset
// exchanges it as well.
#pragma once

#include <optional>
#include <string>

#include "netns/state/state.hpp"

namespace netns {

/// What becomes of the tables that others made.
enum class Others { Go, Stay };

/// Replaces what the calling thread's namespace holds by `ruleset`: either all of it or nothing, and no packet sees a state between the
/// two.
/// @param place  the namespace's name, for messages
/// @throws KernelError with nft's words and the ruleset, its lines numbered
/// @throws std::runtime_error when nft could not go on
void load_ruleset(const Ruleset& ruleset, const std::string& place, Others others = Others::Go);

/// Turns `loaded`, which is what the calling thread's namespace holds, into `ruleset`, also in one transaction: by exchanging
/// elements when the text is the same, by replacing everything when not.
/// @throws KernelError as `load_ruleset` does
void update_ruleset(const Ruleset& loaded, const Ruleset& ruleset, const std::string& place, Others others = Others::Go);

/// Removes every table of the calling thread's namespace.
void flush_ruleset(const std::string& place);

/// What `load_ruleset` left in the calling thread's namespace: nothing when it was never called there, another digest when the
/// ruleset was changed since.
std::optional<Ruleset> observe_ruleset(const std::string& place);

}  // namespace netns
