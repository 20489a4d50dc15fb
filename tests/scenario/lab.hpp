// SPDX-License-Identifier: Apache-2.0
// tests/scenario/lab.hpp — a lab that the real program builds for a test, and what can be asked of it.
#pragma once

#include <sys/types.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/command.hpp"

namespace test {

/// Runs the program under test.
CommandStreams lazuli(std::vector<std::string> arguments, const std::string& input = {});
/// Where it is: $LAZULI_PROGRAM, or the one that was built with the tests.
std::string lazuli_path();
/// The folder that it and the programs it starts are in, and their places there.
std::filesystem::path prefix_of_lazuli();
inline constexpr std::array kPrograms{"bin/lazuli", "libexec/lazuli/lazuli-server", "libexec/lazuli/lazuli-supervisor"};
/// The folder of all scenarios.
std::filesystem::path scenarios_folder();
std::string read_file(const std::filesystem::path& path);
std::vector<std::string> lines_of(const std::string& text);

/// A lab under a name that no other test and no other process has; whatever is left of it goes with the test.
class Lab {
 public:
  Lab();
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;
  ~Lab();

  const std::string& name() const { return name_; }
  std::string namespace_of(std::string_view node) const { return name_ + '.' + std::string(node); }
  /// A folder of the test's own.
  const std::filesystem::path& folder() const { return folder_; }

  /// Writes a lab file: `body` under this lab's name. @return its path
  std::string file(std::string_view body) const;
  /// A scenario's file under this lab's name. @return its path
  std::string scenario_file(const std::filesystem::path& path) const;

  CommandStreams up(std::string_view body) const { return lazuli({"up", "--replace", file(body)}); }
  CommandStreams down() const { return lazuli({"down", name_}); }
  /// `up`, which has to succeed. @throws std::runtime_error with the program's words
  std::string build(std::string_view body) const;
  /// `up` of a lab whose tunnels do not all come up: it ends with 1 and says so. @return its output
  std::string build_unconnected(std::string_view body) const;
  CommandStreams exec(std::string_view node, const std::vector<std::string>& command, const std::string& input = {}) const;
  /// A command that has to succeed. @return its output @throws std::runtime_error
  std::string ask(std::string_view node, const std::vector<std::string>& command) const;

  nlohmann::json status() const;
  nlohmann::json verify() const;

  /// A ping is answered, at the latest after some seconds.
  bool reaches(std::string_view from, std::string_view address) const;
  /// Pings bring nothing back, no ICMP error either. A test first proves that this fails, or that `reaches` holds elsewhere.
  bool finds_silence(std::string_view from, std::string_view address, const std::vector<std::string>& options = {}) const;
  /// The page's line of text; empty when none came within a second.
  std::string page(std::string_view from, std::string_view address) const;

 private:
  std::string name_;
  std::filesystem::path folder_;
};

/// `lazuli capture` of a node, or of one of its links, from the constructor on.
class Capture {
 public:
  /// @throws std::runtime_error when it does not begin to capture
  Capture(const Lab& lab, std::string_view node, std::string_view link = {});

  /// Ends it. @return a line of tcpdump(8)'s for each packet that `filter` selects
  std::vector<std::string> packets(const std::string& filter);

 private:
  std::string file_;
  Child program_;
};

/// What a lab, running or not, has on this machine: names of namespaces, its folder, mounts, processes of the programs under test.
std::vector<std::string> remains_of(std::string_view lab);

/// Lines of text that say how something is, in no order.
using Lines = std::set<std::string>;

/// Every namespace's addresses, routes, rules and ruleset, without what the kernel numbers.
Lines kernel_state_of(std::string_view lab);
/// Lines that only one of the two has.
std::vector<std::string> differences(const Lines& before, const Lines& after);

/// Kernel identities of a running lab's namespaces.
std::set<ino_t> namespaces_of(std::string_view lab);
/// Command lines of processes in one of them, without the keepers of sandboxes, of which there is one wherever a command ran.
std::vector<std::string> processes_in(const std::set<ino_t>& namespaces);
/// Of what `up` started in a node under a name of its own (`ipsec`, `run0`), by its record. Empty when there is no such record.
std::optional<pid_t> program_of(const Lab& lab, std::string_view node, std::string_view name);

}  // namespace test
