// SPDX-License-Identifier: Apache-2.0
// netns/base/parallel.hpp — the same work on many items, on as many threads as pay.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace netns {

/// More threads than this only wait for the kernel's one lock around links and addresses.
inline constexpr std::size_t kMostThreads = 8;

/// Calls `work`, and takes the calling thread back to the network namespace that it was in. @throws KernelError
void run_and_return(const std::function<void()>& work);

/// Calls `work(i)` for every i below `count`, in no order, on threads that end here: `work` may change its thread's namespace.
/// Where fewer threads can be started than wanted, these do it all; where none can, the calling one does. The first exception is thrown
/// again when all threads have stopped; work not yet begun then is left undone.
template <typename Work>
void parallel_for(std::size_t count, Work work) {
  const std::size_t threads = std::min({count, kMostThreads, std::max<std::size_t>(1, std::thread::hardware_concurrency())});
  std::atomic<std::size_t> next = 0;
  std::exception_ptr first;
  std::mutex mutex;
  std::vector<std::thread> pool;
  const auto work_through = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) work(i);
    } catch (...) {
      next = count;
      const std::lock_guard lock{mutex};
      if (!first) first = std::current_exception();
    }
  };
  pool.reserve(threads);
  try {
    for (std::size_t t = 0; t < threads; ++t) pool.emplace_back(work_through);
  } catch (const std::system_error&) {
    if (pool.empty()) run_and_return(work_through);
  }
  for (auto& thread : pool) thread.join();
  if (first) std::rethrow_exception(first);
}

}  // namespace netns
