// SPDX-License-Identifier: Apache-2.0
// netns/features/features.hpp — what the running kernel can do, found out by doing it.
#pragma once

#include <string>
#include <vector>

namespace netns {

struct Feature {
  std::string name;
  std::string purpose;  ///< what does not work without it
  bool available = false;
  std::string refusal;  ///< the kernel's words when it is not

  bool operator==(const Feature&) const = default;
};

/// Tries everything in a nameless namespace that is gone afterwards. Needs root. Never throws for what is missing.
std::vector<Feature> probe_features();

}  // namespace netns
