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
  // Every word ends in a zero and every list in another one, so that no two rulesets read alike.
  auto add = [value = kFnvOffset](std::string_view word) mutable { return value = fnv1a({"\0", 1}, fnv1a(word, value)); };
  auto value = add(text);
  for (const auto& [set, members] : elements) {
    add(set);
    for (const auto& member : members) add(member);
    value = add({});
  }
  return {std::move(text), std::move(elements), fmt::format("{:016x}", value)};
}

}  // namespace netns
