// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/terminal.hpp"

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "netns/base/unique_fd.hpp"
#include "tests/scenario/lab.hpp"

namespace test {

std::string on_terminal(unsigned short columns, const std::vector<std::string>& arguments) {
  winsize size{};
  size.ws_row = 50;
  size.ws_col = columns;
  int controller = -1;
  const pid_t child = ::forkpty(&controller, nullptr, nullptr, &size);
  if (child == 0) {
    ::unsetenv("COLUMNS");
    const auto program = lazuli_path();
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  const netns::UniqueFd terminal{controller};
  std::string shown;
  std::array<char, 4096> part{};
  for (auto got = ::read(controller, part.data(), part.size()); got > 0; got = ::read(controller, part.data(), part.size()))
    shown.append(part.data(), static_cast<std::size_t>(got));
  ::waitpid(child, nullptr, 0);
  std::erase(shown, '\r');
  return shown;
}

}  // namespace test
