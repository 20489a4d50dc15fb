// SPDX-License-Identifier: Apache-2.0
// netns/base/stop_signals.hpp — the signals that ask a program to end, as something to wait for.
#pragma once

#include <csignal>

#include "netns/base/unique_fd.hpp"

namespace netns {

/// While this lives, SIGINT, SIGTERM and SIGHUP make `fd()` readable instead of ending the process. Make one before any thread
/// is started: threads and programs started later inherit that these signals are blocked.
class StopSignals {
 public:
  /// @throws KernelError
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  /// Takes signals that came in meanwhile, so that they do not end the process now.
  ~StopSignals();

  int fd() const { return fd_.get(); }
  /// Whether one came.
  bool came() const;

 private:
  sigset_t before_{};
  UniqueFd fd_;
};

}  // namespace netns
