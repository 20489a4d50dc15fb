// SPDX-License-Identifier: Apache-2.0
// tests/support/topology.hpp — a few namespaces and the links between them, built with iproute2 and nft, gone with the test.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace test {

/// True when this process may make namespaces; a kernel test that finds it false skips and says so.
bool may_make_namespaces();

class Topology {
 public:
  /// Names start with one that no other test and no other process has, so tests may run at the same time.
  Topology();
  Topology(const Topology&) = delete;
  Topology& operator=(const Topology&) = delete;
  /// Takes every namespace away again.
  ~Topology();

  const std::string& lab() const { return lab_; }
  std::string name(std::string_view node) const;

  /// A namespace with its loopback up. Like everything below it throws std::runtime_error with the program's own words.
  void add(std::string_view node);
  /// A veth pair, both ends up.
  void connect(std::string_view node, std::string_view link, std::string_view other_node, std::string_view other_link);
  /// ip(8) in `node`; words are separated by blanks.
  void ip(std::string_view node, std::string_view arguments) const;
  /// nft(8) in `node`, with a whole ruleset.
  void nft(std::string_view node, const std::string& ruleset) const;
  /// Turns forwarding between its links on or off.
  void forward(std::string_view node, bool on) const;
  /// `key` with slashes, below /proc/sys.
  void sysctl(std::string_view node, std::string_view key, std::string_view value) const;

 private:
  std::string lab_;
  std::vector<std::string> names_;
};

}  // namespace test
