// SPDX-License-Identifier: Apache-2.0
// tests/support/eventually.hpp — waits for something to become true, with a limit.
#pragma once

#include <chrono>
#include <thread>

namespace test {

/// Asks every few milliseconds. @return false when `predicate` did not hold within `limit`
template <typename Predicate>
bool eventually(std::chrono::milliseconds limit, Predicate predicate) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!predicate()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

/// Enough for an emulated machine that has other things to do.
inline constexpr std::chrono::seconds kPatience{30};

template <typename Predicate>
bool eventually(Predicate predicate) {
  return eventually(kPatience, predicate);
}

}  // namespace test
