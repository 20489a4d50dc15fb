// SPDX-License-Identifier: Apache-2.0
#include "netns/state/state.hpp"

#include <fmt/format.h>

namespace netns {

std::string digest_of(std::string_view text) {
  std::uint64_t value = 14695981039346656037U;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return fmt::format("{:016x}", value);
}

Ruleset Ruleset::of(std::string text) {
  auto digest = digest_of(text);
  return {std::move(text), std::move(digest)};
}

}  // namespace netns
