// SPDX-License-Identifier: Apache-2.0
// tests/unit/emu/fabric/golden_state_test.cpp — each scenario's whole desired state as text, much as ip(8), bridge(8) and nft(8) would
// print it.
//
// LAZULI_UPDATE_GOLDEN=1 build/dev/tests/unit/unit_tests --gtest_filter='*StateGolden*' rewrites what is expected in tests/data/state/;
// read the difference. These texts say that something changed, not what it means: a rule that matters has a test of its own beside them.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "emu/fabric/fabric.hpp"
#include "emu/scenario/lab_file.hpp"
#include "emu/semantics/resolve.hpp"
#include "netns/netlink/requests.hpp"

namespace emu {
namespace {

namespace fs = std::filesystem;
using Text = std::back_insert_iterator<std::string>;

fs::path scenarios_folder() { return fs::path(LAZULI_SOURCE_DIR) / "scenarios"; }
fs::path states_folder() { return fs::path(LAZULI_SOURCE_DIR) / "tests/data/state"; }

std::string kind_text(const netns::Link& link) {
  switch (link.kind) {
    case netns::LinkKind::Loopback: return "loopback";
    case netns::LinkKind::Veth: return link.peer ? fmt::format("veth peer {} {}", link.peer->name_space, link.peer->link) : "veth";
    case netns::LinkKind::Bridge: return "bridge";
    case netns::LinkKind::Xfrm: return fmt::format("xfrm if_id {:#x}", link.interface_id);
    case netns::LinkKind::Other: return "other";
  }
  return "";
}

void write_link(Text out, const std::string& name, const netns::Link& link) {
  fmt::format_to(out, "  link {} {}", name, kind_text(link));
  if (link.address) fmt::format_to(out, " address {}", to_string(*link.address));
  fmt::format_to(out, " mtu {}", link.mtu);
  if (!link.master.empty()) fmt::format_to(out, " master {}", link.master);
  fmt::format_to(out, "{}{}{}{} alias {}\n", link.isolated ? " isolated" : "", link.forwards ? " forwarding" : "",
                 link.proxy_arp ? " proxy_arp" : "", link.ipv6 ? " ipv6" : "", link.alias);
  for (const auto& address : link.addresses)
    fmt::format_to(out, "    address {}/{}{}\n", to_string(address.address), address.prefix_length,
                   address.prefix_route ? "" : " noprefixroute");
}

/// Long lines are files for programs; that they changed is enough.
void write_lines(Text out, const std::string& text, std::string_view indent) {
  constexpr std::size_t kLongest = 400;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    fmt::format_to(out, "{}{}\n", indent, line.size() <= kLongest ? line : fmt::format("(digest {})", netns::digest_of(line)));
}

void write_process(Text out, const std::string& name, const netns::Process& process) {
  fmt::format_to(out, "  process {}: {}\n", name, fmt::join(process.arguments, " "));
  const auto& around = process.surroundings;
  fmt::format_to(out, "    hostname {}{}{}\n", around.hostname, around.hidden.empty() ? "" : " hidden ", around.hidden);
  for (const auto& [file, source] : around.files) fmt::format_to(out, "    {} is {}\n", file, source);
  const auto& folder = process.folder;
  if (folder.path.empty()) return;
  fmt::format_to(out, "    folder {}{}", folder.path, folder.reread ? ", reread" : "");
  fmt::format_to(out, "{}{}\n", folder.teller.empty() ? "" : ", told by ", fmt::join(folder.teller, " "));
  for (const auto& [file, content] : folder.files) {
    fmt::format_to(out, "      file {}\n", file);
    write_lines(out, content, "        ");
  }
}

std::string state_text(const netns::State& state) {
  std::string text;
  const Text out{text};
  for (const auto& [name, name_space] : state.namespaces) {
    fmt::format_to(out, "{}namespace {}{}\n", text.empty() ? "" : "\n", name,
                   name_space.custody == netns::Custody::Exclusive ? " exclusive" : "");
    for (const auto& [key, value] : name_space.sysctls) fmt::format_to(out, "  sysctl {} = {}\n", key, value);
    for (const auto& [link, what] : name_space.links) write_link(out, link, what);
    for (const auto& neighbour : name_space.neighbours)
      fmt::format_to(out, "  neighbour {} lladdr {} dev {} port {}\n", to_string(neighbour.address), to_string(neighbour.link_address),
                     neighbour.bridge, neighbour.port);
    for (const auto& rule : name_space.rules) fmt::format_to(out, "  rule {}\n", describe(rule));
    for (const auto& route : name_space.routes) fmt::format_to(out, "  route {}\n", describe(route));
    if (name_space.ruleset) {
      fmt::format_to(out, "  ruleset\n");
      write_lines(out, name_space.ruleset->text, "    ");
      for (const auto& [set, elements] : name_space.ruleset->elements)
        for (const auto& element : elements) fmt::format_to(out, "    element {} {{ {} }}\n", set, element);
    }
    for (const auto& [process, what] : name_space.processes) write_process(out, process, what);
  }
  return text;
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(scenarios_folder()))
    if (fs::exists(entry.path() / "lab.yaml")) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

class StateGolden : public testing::TestWithParam<std::string> {};

TEST_P(StateGolden, IsWhatTheScenarioIsInTheKernel) {
  const auto lab = read_lab_file(scenarios_folder() / GetParam());
  const auto model = resolve(lab.model, nullptr).model;
  const auto text = state_text(build_state(model, {"/usr/bin/lazuli", "/run/lazuli/" + model.lab}));
  const auto expected = states_folder() / (GetParam() + ".txt");
  if (std::getenv("LAZULI_UPDATE_GOLDEN") != nullptr) std::ofstream(expected, std::ios::binary) << text;
  EXPECT_EQ(read_text(expected), text) << expected;
}

INSTANTIATE_TEST_SUITE_P(Scenarios, StateGolden, testing::ValuesIn(scenario_names()), [](const auto& info) {
  auto name = info.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace emu
