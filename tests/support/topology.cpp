// SPDX-License-Identifier: Apache-2.0
#include "tests/support/topology.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "netns/namespace/namespace.hpp"
#include "tests/support/command.hpp"

namespace test {
namespace {

std::atomic<int> topologies = 0;

void must_run(const std::vector<std::string>& argv, const std::string& input = {}) {
  const auto result = run(argv, input);
  if (result.status != 0) throw std::runtime_error(fmt::format("{} ended with {}: {}", fmt::join(argv, " "), result.status, result.output));
}

}  // namespace

bool may_make_namespaces() { return ::geteuid() == 0; }

Topology::Topology() : lab_(fmt::format("kt{}-{}", ::getpid(), topologies++)) {}

Topology::~Topology() {
  for (const auto& name : names_) netns::remove_namespace(name);
}

std::string Topology::name(std::string_view node) const { return fmt::format("{}.{}", lab_, node); }

void Topology::add(std::string_view node) {
  names_.push_back(name(node));
  must_run({"ip", "netns", "add", name(node)});
  ip(node, "link set lo up");
}

void Topology::connect(std::string_view node, std::string_view link, std::string_view other_node, std::string_view other_link) {
  ip(node, fmt::format("link add {} type veth peer name {} netns {}", link, other_link, name(other_node)));
  ip(node, fmt::format("link set {} up", link));
  ip(other_node, fmt::format("link set {} up", other_link));
}

void Topology::ip(std::string_view node, std::string_view arguments) const {
  std::vector<std::string> argv{"ip", "-n", name(node)};
  std::istringstream words{std::string(arguments)};
  for (std::string word; words >> word;) argv.push_back(word);
  must_run(argv);
}

void Topology::nft(std::string_view node, const std::string& ruleset) const {
  must_run({"ip", "netns", "exec", name(node), "nft", "-f", "-"}, "flush ruleset\n" + ruleset);
}

void Topology::forward(std::string_view node, bool on) const { sysctl(node, "net/ipv4/ip_forward", on ? "1" : "0"); }

void Topology::sysctl(std::string_view node, std::string_view key, std::string_view value) const {
  const netns::EnteredNamespace inside(name(node));
  std::ofstream file(fmt::format("/proc/sys/{}", key));
  if (!(file << value << std::flush)) throw std::runtime_error(fmt::format("cannot set {} in {}", key, name(node)));
}

}  // namespace test
