// SPDX-License-Identifier: Apache-2.0
// emu/verify/in_flight.hpp — many probes at once, each on a thread that waits more than it computes.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <system_error>
#include <thread>
#include <vector>

#include "netns/base/descriptors.hpp"

namespace emu {

/// How many probes may be under way, `wanted` or as many as there are file descriptors for.
inline std::size_t probes_at_once(std::size_t wanted) {
  constexpr std::size_t kDescriptorsOfAProbe = 4;  // where it is from, where it goes, its socket, and one to spare
  return std::clamp<std::size_t>(netns::free_descriptors() / kDescriptorsOfAProbe, 1, wanted);
}

/// Calls `step(i)` for every i below `count`, at most `most` at once, or as many as the system has threads for. `step` must not throw.
template <typename Step>
void for_each_in_flight(std::size_t count, std::size_t most, Step step) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (auto i = next++; i < count; i = next++) step(i);
  };
  std::vector<std::jthread> threads;
  threads.reserve(std::min(count, most));
  while (threads.size() < std::min(count, most)) {
    try {
      threads.emplace_back(work);
    } catch (const std::system_error&) {
      break;
    }
  }
  if (threads.empty()) work();
}

}  // namespace emu
