// SPDX-License-Identifier: Apache-2.0
#include "netns/reconcile/process_starts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <thread>
#include <tuple>

#include "netns/base/parallel.hpp"
#include "netns/reconcile/reconcile.hpp"

namespace netns {
namespace {

constexpr std::chrono::milliseconds kLookAgain{5};

/// What is left to start in one namespace, in order.
struct Queue {
  std::string name_space;
  std::deque<std::string> left;
  std::string waits_for;  ///< one that runs first; empty: none
};

class Starts {
 public:
  Starts(const State& desired, const ProcessRecords& processes) : desired_(desired), processes_(processes) {}

  /// Goes as far as it can without waiting. @return whether it is done
  bool go_on(Queue& queue) const {
    if (!queue.waits_for.empty() && !has_ended(queue)) return false;
    while (!queue.left.empty()) {
      const auto name = queue.left.front();
      queue.left.pop_front();
      const auto& process = desired_.namespaces.at(queue.name_space).processes.at(name);
      processes_.start(queue.name_space, name, process);
      if (process.lifetime != Lifetime::RunsFirst) continue;
      queue.waits_for = name;
      return false;
    }
    return true;
  }

 private:
  /// @throws ProcessFailed
  bool has_ended(Queue& queue) const {
    const auto end = processes_.end_of(queue.name_space, queue.waits_for);
    if (!end) return false;
    if (end->status != 0)
      throw ProcessFailed(*end, fmt::format("{}: {} ended with {}", end->name_space, end->name,
                                            end->status ? describe_end(*end->status) : "nobody to see how"));
    queue.waits_for.clear();
    return true;
  }

  const State& desired_;
  const ProcessRecords& processes_;
};

std::vector<Queue> queues_of(const Plan& plan, const State& desired) {
  std::vector<Queue> queues;
  for (const auto& [name, change] : plan.change) {
    if (change.start_processes.empty()) continue;
    const auto& processes = desired.namespaces.at(name).processes;
    Queue queue{name, {change.start_processes.begin(), change.start_processes.end()}, {}};
    // Of names that end in numbers, the shorter ones have the lower numbers.
    std::ranges::sort(queue.left, {}, [&](const std::string& process) {
      return std::tuple{processes.at(process).lifetime != Lifetime::RunsFirst, process.size(), process};
    });
    queues.push_back(std::move(queue));
  }
  return queues;
}

}  // namespace

void start_processes(const Plan& plan, const State& desired, const ProcessRecords& processes,
                     const std::function<void(const std::string&)>& progress) {
  auto queues = queues_of(plan, desired);
  const Starts starts{desired, processes};
  std::vector<char> done(queues.size());  // not bool: each is written by a thread of its own
  parallel_for(queues.size(), [&](std::size_t i) { done[i] = starts.go_on(queues[i]) ? 1 : 0; });
  std::vector<Queue> waiting;
  for (std::size_t i = 0; i < queues.size(); ++i)
    if (done[i] == 0) waiting.push_back(std::move(queues[i]));
  std::string told;
  while (!waiting.empty()) {
    auto words = fmt::format("waiting for {} of {}", waiting.front().waits_for, waiting.front().name_space);
    if (progress && words != told) progress(words);
    told = std::move(words);
    std::erase_if(waiting, [&](Queue& queue) { return starts.go_on(queue); });
    if (!waiting.empty()) std::this_thread::sleep_for(kLookAgain);
  }
}

}  // namespace netns
