// SPDX-License-Identifier: Apache-2.0
// tests/scenario/address_space_test.cpp — SYNC-1 to SYNC-4: an address space that changes under a peering.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenario/lab.hpp"

namespace test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kOneBlock = R"(
virtual_networks:
  - name: left
    address_space: [10.1.0.0/16]
    subnets: [{name: s, address_prefixes: [10.1.0.0/24]}]
    peerings: [{name: left-to-right, remote_virtual_network: right}]
  - name: right
    address_space: [10.2.0.0/16]
    subnets: [{name: s, address_prefixes: [10.2.0.0/24]}]
    peerings: [{name: right-to-left, remote_virtual_network: left}]
virtual_machines:
  - {name: vm1, subnet: left/s}
  - {name: vm2, subnet: right/s}
)";

constexpr std::string_view kTwoBlocks = R"(
virtual_networks:
  - name: left
    address_space: [10.1.0.0/16]
    subnets: [{name: s, address_prefixes: [10.1.0.0/24]}]
    peerings: [{name: left-to-right, remote_virtual_network: right}]
  - name: right
    address_space: [10.2.0.0/16, 172.20.0.0/16]
    subnets: [{name: s, address_prefixes: [10.2.0.0/24]}, {name: new, address_prefixes: [172.20.5.0/24]}]
    peerings: [{name: right-to-left, remote_virtual_network: left}]
virtual_machines:
  - {name: vm1, subnet: left/s}
  - {name: vm2, subnet: right/s}
  - {name: vm3, subnet: right/new}
)";

constexpr std::string_view kOverlapping = R"(
virtual_networks:
  - name: left
    address_space: [10.1.0.0/16]
    subnets: [{name: s, address_prefixes: [10.1.0.0/24]}]
    peerings: [{name: left-to-right, remote_virtual_network: right}]
  - name: right
    address_space: [10.2.0.0/16, 10.1.128.0/17]
    subnets: [{name: s, address_prefixes: [10.2.0.0/24]}]
    peerings: [{name: right-to-left, remote_virtual_network: left}]
virtual_machines:
  - {name: vm1, subnet: left/s}
  - {name: vm2, subnet: right/s}
)";

TEST(AddressSpace, ThatGrowsIsSyncedByTheSameUpWhichSaysSo) {
  const Lab lab;
  lab.build(kOneBlock);
  ASSERT_TRUE(lab.reaches("vm1", "10.2.0.4"));
  ASSERT_TRUE(lab.finds_silence("vm1", "172.20.5.4"));

  EXPECT_THAT(lab.build(kTwoBlocks), HasSubstr("peering 'left-to-right' of 'left': synced the address space of 'right' "
                                               "(10.2.0.0/16 -> 10.2.0.0/16, 172.20.0.0/16)\n"));
  EXPECT_TRUE(lab.reaches("vm1", "172.20.5.4"));
  EXPECT_TRUE(lab.reaches("vm3", "10.1.0.4"));
  EXPECT_TRUE(lab.reaches("vm1", "10.2.0.4"));
  const auto status = lab.status();
  for (const auto& network : status["virtualNetworks"]) {
    EXPECT_EQ(network["virtualNetworkPeerings"][0]["peeringState"], "Connected");
    EXPECT_EQ(network["virtualNetworkPeerings"][0]["peeringSyncLevel"], "FullyInSync");
  }
  EXPECT_THAT(lab.build(kTwoBlocks), Not(HasSubstr("synced")));

  EXPECT_THAT(lab.build(kOneBlock), HasSubstr("synced the address space of 'right'"));
  EXPECT_TRUE(lab.finds_silence("vm1", "172.20.5.4"));
  EXPECT_TRUE(lab.reaches("vm1", "10.2.0.4"));
}

TEST(AddressSpace, CannotGrowIntoThatOfAPeer) {
  const Lab lab;
  lab.build(kOneBlock);
  const auto kernel = kernel_state_of(lab.name());
  const auto refused = lab.up(kOverlapping);
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.errors, HasSubstr("[VnetAddressSpacesOverlap]"));  // SYNC-4
  EXPECT_THAT(differences(kernel, kernel_state_of(lab.name())), IsEmpty());
  EXPECT_TRUE(lab.reaches("vm1", "10.2.0.4"));
}

}  // namespace
}  // namespace test
