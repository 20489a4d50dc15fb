// SPDX-License-Identifier: Apache-2.0
// tests/random/open_connections.hpp — connections between machines of a lab that is about to change.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emu/model/model.hpp"
#include "netns/base/unique_fd.hpp"
#include "tests/random/running_lab.hpp"

namespace test {

/// One connection for each pair of machines that the rules let through, over the private addresses, both ends held by the test.
class OpenConnections {
 public:
  /// @param model  the lab that runs, resolved
  OpenConnections(const RunningLab& lab, const emu::Model& model);

  /// When the lab has become `after`: which connections are dead that no change concerned. A change concerns a connection when one of its
  /// machines is another one than before, or when the rules lead a packet of it, or its answer, another way or judge it by other rules.
  std::string dead(const emu::Model& after) const;

 private:
  struct Connection {
    const emu::VirtualMachine* from;
    const emu::VirtualMachine* to;
    netns::UniqueFd client;
    netns::UniqueFd server;
  };

  const emu::Model& before_;
  std::vector<Connection> connections_;
};

}  // namespace test
