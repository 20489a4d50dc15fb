// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/host_state.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

namespace test {
namespace {

void add_output(Lines& state, const std::vector<std::string>& argv, const std::string& input = {}) {
  const auto result = run_apart(argv, input);
  if (result.status != 0) throw std::runtime_error(fmt::format("{}: {}", fmt::join(argv, " "), result.errors));
  for (const auto& line : lines_of(result.output)) state.insert(fmt::format("{}: {}", fmt::join(argv, " "), line));
}

void add_switches(Lines& state) {
  for (const auto* folder : {"/proc/sys/net/ipv4/conf", "/proc/sys/net/ipv6/conf"}) {
    std::error_code none;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, none)) {
      if (entry.is_regular_file(none)) state.insert(fmt::format("{}: {}", entry.path().string(), read_file(entry.path())));
    }
  }
  state.insert("ip_forward: " + read_file("/proc/sys/net/ipv4/ip_forward"));
}

/// But for the folder of namespaces, which is a mount point from the first namespace on, as ip-netns(8) would have made it.
void add_mounts(Lines& state) {
  for (const auto& line : lines_of(read_file("/proc/self/mountinfo")))
    if (line.find(" /run/netns") == std::string::npos) state.insert("mount: " + line);
}

}  // namespace

Lines observe_host() {
  Lines state;
  add_output(state, {"ip", "-d", "-o", "link"});
  add_output(state, {"ip", "-br", "-batch", "-"}, "address\nroute show table all\nrule\n");
  add_output(state, {"nft", "-s", "list", "ruleset"});
  add_switches(state);
  add_mounts(state);
  return state;
}

}  // namespace test
