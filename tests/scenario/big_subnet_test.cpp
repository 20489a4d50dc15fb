// SPDX-License-Identifier: Apache-2.0
// tests/scenario/big_subnet_test.cpp — a subnet with more machines than one bridge has ports (1023).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>

#include "tests/scenario/lab.hpp"

namespace test {
namespace {

constexpr int kMachines = 1100;

std::string big_lab() {
  std::string text =
      "virtual_networks:\n"
      "  - {name: big, address_space: [10.0.0.0/16], subnets: [{name: all, address_prefixes: [10.0.0.0/20]}]}\n"
      "virtual_machines:\n";
  for (int i = 1; i <= kMachines; ++i) fmt::format_to(std::back_inserter(text), "  - {{name: vm{}, subnet: big/all}}\n", i);
  return text;
}

// Machines get 10.0.0.4 and on (IPAM-1): vm1 has .0.4, vm1100 .4.79.
TEST(BigSubnet, MachinesOnDifferentBridgesReachEachOtherAsNeighbours) {
  const Lab lab;
  lab.build(big_lab());
  const auto bridges = run_apart({"ip", "-n", lab.namespace_of("big"), "-br", "link", "show", "type", "bridge"}).output;
  ASSERT_GT(std::ranges::count(bridges, '\n'), 1) << "one bridge cannot hold them: the test would prove nothing";

  // A frame flooded to a thousand ports would not reach the last of them: here every machine is found, and nothing is flooded.
  for (const auto* machine : {"vm1", "vm2", "vm510", "vm1016", "vm1017", "vm1099"})
    EXPECT_EQ(lab.exec("vm1100", {"ping", "-qc1", "-W1", machine}).status, 0) << machine;
  EXPECT_TRUE(lab.reaches("vm1", "10.0.4.79"));
  EXPECT_TRUE(lab.reaches("vm1100", "10.0.0.4"));
  EXPECT_TRUE(lab.reaches("vm1100", "10.0.4.78"));
  EXPECT_TRUE(lab.reaches("vm1", "10.0.0.5"));
  EXPECT_TRUE(lab.finds_silence("vm1", "10.0.4.80"));

  // L3-5: whichever bridge a neighbour is on, it has the one address.
  for (const auto* machine : {"vm1", "vm1100"}) {
    for (const auto& neighbour : nlohmann::json::parse(lab.ask(machine, {"ip", "-j", "-4", "neighbour"})))
      EXPECT_EQ(neighbour.value("lladdr", "none"), "12:34:56:78:9a:bc") << machine << ' ' << neighbour;
  }
}

}  // namespace
}  // namespace test
