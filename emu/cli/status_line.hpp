// SPDX-License-Identifier: Apache-2.0
// emu/cli/status_line.hpp — what is being done, in one line of a terminal that is taken away again.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace emu::cli {

/// Nothing where the standard error is no terminal.
class StatusLine {
 public:
  StatusLine() = default;
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  ~StatusLine() { clear(); }

  void show(const std::string& stage) const {
    if (shown_) fmt::print(stderr, "\r\x1b[K  {} ...", stage);
  }
  void clear() const {
    if (shown_) fmt::print(stderr, "\r\x1b[K");
  }

 private:
  bool shown_ = ::isatty(STDERR_FILENO) == 1;
};

}  // namespace emu::cli
