// SPDX-License-Identifier: Apache-2.0
// tests/random/seeds.hpp — one seed after the other, several at once, until the first that fails.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace test {

inline constexpr unsigned kAtOnce = 4;  // most of a lab's time is waiting for silence

/// A seed that failed, with what its trial found.
template <typename Finding>
struct Failed {
  std::uint64_t seed = 0;
  Finding finding;
};

/// Calls `trial(seed)` for each seed from `first` to before `end`, until one finds something.
/// @param trial  gives a std::optional<Finding>
template <typename Finding, typename Trial>
std::optional<Failed<Finding>> first_failure(std::uint64_t first, std::uint64_t end, Trial trial) {
  std::atomic<std::uint64_t> next = first;
  std::mutex lock;
  std::atomic<bool> failed = false;
  std::optional<Failed<Finding>> result;
  const auto work = [&] {
    for (std::uint64_t mine = next++; mine < end && !failed; mine = next++) {
      std::optional<Finding> found = trial(mine);
      if (!found) continue;
      const std::scoped_lock hold{lock};
      if (!failed.exchange(true)) result = Failed<Finding>{mine, std::move(*found)};
    }
  };
  std::vector<std::jthread> workers;
  for (unsigned i = 0; i < kAtOnce; ++i) workers.emplace_back(work);
  workers.clear();
  return result;
}

}  // namespace test
