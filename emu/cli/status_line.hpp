// SPDX-License-Identifier: Apache-2.0
// emu/cli/status_line.hpp — what is being done, in one line of a terminal that is taken away again.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace emu::cli {

/// Nothing where the standard error is no terminal; a terminal that is gone is no failure.
class StatusLine {
 public:
  StatusLine() = default;
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  ~StatusLine() { clear(); }

  void show(const std::string& stage) const {
    if (shown_) std::fputs(fmt::format("\r\x1b[K  {} ...", stage).c_str(), stderr);
  }
  void clear() const {
    if (shown_) std::fputs("\r\x1b[K", stderr);
  }

 private:
  bool shown_ = ::isatty(STDERR_FILENO) == 1;
};

}  // namespace emu::cli
