// SPDX-License-Identifier: Apache-2.0
// emu/model/wording.hpp — how a diagnostic quotes what a person wrote, and guesses what was meant.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "netns/base/address.hpp"

namespace emu {

/// `text` with its control characters escaped: fit for one line of a terminal.
std::string printable(std::string_view text);

/// As many whole characters (of UTF-8) from its start as fit into so many bytes.
std::string_view start_of(std::string_view text, std::size_t bytes);

/// `text` in single quotes, printable and not too long.
std::string in_quotes(std::string_view text);

/// The candidate that is nearest to `word` by edit distance (insert, delete, replace, swap neighbours; case does not count),
/// nullopt when none is near enough to be what was meant: a third of the word may differ, 3 letters at most.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates);

/// ` (did you mean 'hub'?)`, or nothing when no candidate is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

/// `10.0.0.0/16, 10.9.0.0/16`; empty for no prefix.
std::string joined(std::span<const netns::Ipv4Prefix> prefixes);

}  // namespace emu
