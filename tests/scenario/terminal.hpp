// SPDX-License-Identifier: Apache-2.0
// tests/scenario/terminal.hpp — the program on a terminal.
#pragma once

#include <string>
#include <vector>

namespace test {

/// What lazuli shows on a terminal of that many columns, until it has ended.
std::string on_terminal(unsigned short columns, const std::vector<std::string>& arguments);

}  // namespace test
