// SPDX-License-Identifier: Apache-2.0
// tests/kernel/netns/wire.hpp — the smallest network: two namespaces and a cable.
//
//   a  eth0 10.0.0.1/24 ---- eth0 10.0.0.2/24  b
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "netns/base/address.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/namespace/namespace.hpp"
#include "tests/support/topology.hpp"

namespace test {

class WireTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!may_make_namespaces()) GTEST_SKIP() << "making network namespaces needs root";
    topology_.emplace();
    topology_->add("a");
    topology_->add("b");
    topology_->connect("a", "eth0", "b", "eth0");
    topology_->ip("a", "addr add 10.0.0.1/24 dev eth0");
    topology_->ip("b", "addr add 10.0.0.2/24 dev eth0");
  }

  /// What b does with packets that come to it, as the body of an nft chain.
  void b_says(const std::string& rules) {
    topology_->nft("b", "table inet filter {\nchain input {\ntype filter hook input priority 0\n" + rules + "\n}\n}\n");
  }

  /// A socket in `node` that takes connections on `port` of every address.
  netns::UniqueFd listen(std::string_view node, std::uint16_t port) {
    const netns::EnteredNamespace inside(topology_->name(node));
    netns::UniqueFd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(socket.get(), 16) != 0)
      throw std::runtime_error("cannot listen");
    return socket;
  }

  std::optional<Topology> topology_;
  const netns::Ipv4Address a_{0x0a000001};
  const netns::Ipv4Address b_{0x0a000002};
};

}  // namespace test
