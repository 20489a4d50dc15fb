// SPDX-License-Identifier: Apache-2.0
#include "emu/lab/lab_machine.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "emu/report/terminal.hpp"

namespace emu {
namespace {

namespace fs = std::filesystem;

/// What was installed with this program, or the script of the clone that it was built in; empty when there is neither.
fs::path script() {
  std::error_code none;
  const auto program = fs::read_symlink("/proc/self/exe", none);
  if (auto path = program.parent_path() / "lazuli-labvm"; ::access(path.c_str(), X_OK) == 0) return path;
  for (auto folder = program; folder.has_relative_path(); folder = folder.parent_path())
    if (auto path = folder.parent_path() / "scripts/labvm"; ::access(path.c_str(), X_OK) == 0) return path;
  return {};
}

/// Shorter where it is beneath the current directory. A shell looks for a word without a slash elsewhere.
std::string as_typed(const fs::path& path) {
  std::error_code none;
  const auto relative = fs::relative(path, none);
  return in_shells_quotes(relative.empty() || *relative.begin() == ".." ? path.string() : relative.string());
}

}  // namespace

std::string way_to_lab_machine(const std::string& file) {
  const auto path = script();
  if (path.empty())
    return "lazuli-labvm, or scripts/labvm in Lazuli's sources, has a kernel that can: its option --lab brings a lab up there";
  return fmt::format("This brings it up on a kernel that can, for as long as the shell that it gives:\n  {} --lab {}", as_typed(path),
                     file.empty() ? "FILE" : in_shells_quotes(file));
}

}  // namespace emu
