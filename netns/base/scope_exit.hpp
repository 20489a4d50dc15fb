// SPDX-License-Identifier: Apache-2.0
// netns/base/scope_exit.hpp — runs a step when a scope is left, unless it is released.
#pragma once

#include <utility>

namespace netns {

template <typename F>
class ScopeExit {
 public:
  explicit ScopeExit(F step) : step_(std::move(step)) {}
  ScopeExit(const ScopeExit&) = delete;
  ScopeExit& operator=(const ScopeExit&) = delete;
  ~ScopeExit() {
    if (armed_) step_();
  }
  void release() { armed_ = false; }

 private:
  F step_;
  bool armed_ = true;
};

}  // namespace netns
