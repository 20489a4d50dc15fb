// SPDX-License-Identifier: Apache-2.0
#include "netns/state/state.hpp"

#include <fmt/format.h>

namespace netns {

namespace {

constexpr std::uint64_t kFnvOffset = 14695981039346656037U;
constexpr std::uint64_t kFnvPrime = 1099511628211U;

std::uint64_t fnv1a(std::string_view text, std::uint64_t value = kFnvOffset) {
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * kFnvPrime;
  return value;
}

}  // namespace

std::string digest_of(std::string_view text) { return fmt::format("{:016x}", fnv1a(text)); }

Ruleset Ruleset::of(std::string text, Elements elements) {
  auto value = fnv1a(text);
  for (const auto& [set, members] : elements) {
    value = fnv1a(set, value);
    for (const auto& member : members) value = fnv1a(member, value);
  }
  return {std::move(text), std::move(elements), fmt::format("{:016x}", value)};
}

}  // namespace netns
