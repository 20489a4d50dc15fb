// SPDX-License-Identifier: Apache-2.0
#include "emu/cli/command.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include "emu/lab/store.hpp"
#include "emu/report/diagnostics_report.hpp"

namespace emu::cli {
namespace {

struct Inside {
  std::string lab;
  std::string node;
};

/// The node that this process is in: there a file of its lab lies over /etc/hosts, and the host name is the node's.
std::optional<Inside> inside_node() {
  constexpr std::string_view kLabs = "lazuli/";
  std::ifstream mounts{"/proc/self/mountinfo"};
  for (std::string line; std::getline(mounts, line);) {
    if (line.find(" /etc/") == std::string::npos) continue;
    std::istringstream fields{line};
    std::string number;
    std::string parent;
    std::string device;
    std::string root;
    std::string point;
    fields >> number >> parent >> device >> root >> point;
    const auto labs = root.find(kLabs);
    if (!point.starts_with("/etc/") || labs == std::string::npos || root[labs == 0 ? 0 : labs - 1] != '/') continue;
    const auto start = labs + kLabs.size();
    const auto end = root.find('/', start);
    if (end == std::string::npos || !is_lab_name(root.substr(start, end - start))) continue;
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    return Inside{root.substr(start, end - start), host.data()};
  }
  return std::nullopt;
}

/// A terminal gets the lines of the file; a pipe only what grep and editors look for.
DiagnosticsView view_of_stderr() {
  DiagnosticsView view;
  if (::isatty(STDERR_FILENO) != 1) return view;
  view.with_lines = true;
  view.in_color = wants_colour(STDERR_FILENO);
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) view.width = size.ws_col;
  return view;
}

}  // namespace

bool wants_colour(int descriptor) {
  const auto* no_color = std::getenv("NO_COLOR");
  const auto* terminal = std::getenv("TERM");
  const bool is_able = terminal != nullptr && std::string_view(terminal) != "dumb";
  return ::isatty(descriptor) == 1 && is_able && (no_color == nullptr || *no_color == '\0');
}

void add_examples(CLI::App& command, std::initializer_list<const char*> words) {
  std::string examples;
  for (const auto* example : words) examples += fmt::format("{}\n", example);
  command.footer(examples);
}

void add_timeout(CLI::App& command, double& seconds) {
  command.add_option("--timeout", seconds, "How many seconds to wait for another lazuli that is at work on the lab")
      ->type_name("SECONDS")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

std::chrono::milliseconds milliseconds_of(double seconds) {
  constexpr double kLongest = 1e9;
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(std::min(seconds, kLongest)));
}

Patience patience_of(const std::string& lab, double seconds) {
  return {milliseconds_of(seconds), [lab](pid_t pid) {
            const auto* start = ::isatty(STDERR_FILENO) == 1 ? "\r\x1b[K" : "";  // over what is said of the work so far
            fmt::print(stderr, "{}waiting for another lazuli (pid {}) that changes lab '{}'\n", start, pid, lab);
          }};
}

void require_root(const CLI::App& command) {
  if (const auto inside = inside_node())
    throw std::runtime_error(
        fmt::format("this is inside node '{}' of lab '{}', where labs are out of sight: run 'lazuli {}' outside, after "
                    "'exit' or in another terminal",
                    inside->node, inside->lab, command.get_name()));
  if (::geteuid() != 0) throw NeedsRoot{};
}

bool accepted(const Diagnostics& diagnostics, const LabFile& file) {
  fmt::print(stderr, "{}", diagnostics_report(diagnostics, file.file, file.text, view_of_stderr()));
  if (!has_errors(diagnostics)) return true;
  const auto errors = std::ranges::count(diagnostics, Severity::Error, &Diagnostic::severity);
  fmt::print(stderr, "{}; nothing was changed\n", plural(static_cast<std::size_t>(errors), "error"));
  return false;
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file{path, std::ios::trunc};
  file << text;
  file.close();
  if (file.fail()) throw std::runtime_error(fmt::format("cannot write {}", path));
}

void flush_output() {
  const bool failed = std::fflush(stdout) != 0;
  const int error = errno;
  if (failed || std::ferror(stdout) != 0)
    throw std::system_error(failed ? error : EIO, std::system_category(), "cannot write to the standard output");
}

std::string plural(std::size_t count, const char* noun) { return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s"); }

}  // namespace emu::cli
