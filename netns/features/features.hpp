// SPDX-License-Identifier: Apache-2.0
// netns/features/features.hpp — what the running kernel can do, found out by doing it.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace netns {

struct Feature {
  std::string name;
  std::string purpose;    ///< what does not work without it
  bool optional = false;  ///< most does without it
  bool available = false;
  std::string refusal;     ///< the kernel's words when it is not
  bool forbidden = false;  ///< whether it is not for want of a right: the kernel may well have it

  bool operator==(const Feature&) const = default;
};

/// Tries everything in a nameless namespace that is gone afterwards. Needs root. Never throws for what is missing.
std::vector<Feature> probe_features();

/// Whether this kernel encrypts tunnels that routes lead into: ESP and xfrm interfaces. Loads what is a module; takes milliseconds.
/// Needs root.
/// @return what it refused, in its own words; empty when it does all
std::optional<std::string> why_no_ipsec();

}  // namespace netns
