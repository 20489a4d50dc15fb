// SPDX-License-Identifier: Apache-2.0
// tests/scenario/peering_flags_test.cpp — PEER-16 to PEER-18: what the flags of a link let in.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenario/lab.hpp"

namespace test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// Two peered networks; `flags` are of the link of `spoke`. `fw` may send what others sent.
std::string peered(std::string_view flags) {
  return fmt::format(R"(
virtual_networks:
  - name: hub
    address_space: [10.0.0.0/16]
    subnets: [{{name: s, address_prefixes: [10.0.0.0/24]}}]
    peerings: [{{name: hub-to-spoke, remote_virtual_network: spoke}}]
  - name: spoke
    address_space: [10.1.0.0/16]
    subnets: [{{name: s, address_prefixes: [10.1.0.0/24]}}]
    peerings: [{{name: spoke-to-hub, remote_virtual_network: hub{}}}]
virtual_machines:
  - {{name: fw, subnet: hub/s, private_ip_address: 10.0.0.4, ip_forwarding: true}}
  - {{name: vm, subnet: spoke/s, private_ip_address: 10.1.0.4, web: 80}}
)",
                     flags);
}

TEST(AllowVirtualNetworkAccess, WhenFalseKeepsTheRouteAndDropsThePackets) {
  const Lab lab;
  lab.build(peered(""));
  ASSERT_TRUE(lab.reaches("fw", "10.1.0.4"));
  ASSERT_TRUE(lab.reaches("vm", "10.0.0.4"));

  lab.build(peered(", allow_virtual_network_access: false"));
  EXPECT_TRUE(lab.finds_silence("fw", "10.1.0.4"));
  EXPECT_TRUE(lab.finds_silence("vm", "10.0.0.4"));
  EXPECT_EQ(lab.page("fw", "10.1.0.4"), "");
  EXPECT_EQ(lab.status()["virtualNetworks"][1]["virtualNetworkPeerings"][0]["peeringState"], "Connected");
  EXPECT_THAT(lazuli({"routes", "-l", lab.name(), "vm"}).output, HasSubstr("VNetPeering"));

  lab.build(peered(""));
  EXPECT_TRUE(lab.reaches("fw", "10.1.0.4"));
}

/// The group of `spoke` has the default rules only.
constexpr std::string_view kDefaultRules = R"(
network_security_groups: [{name: default-rules}]
)";

// PEER-17, PEER-18: the flag is no block. With a group, that of the receiving side decides whether a packet is in the tag VirtualNetwork
// whose source is not in the peer's space.
TEST(AllowForwardedTraffic, IsAMatterOfTheTagAndNoBlock) {
  const Lab lab;
  const std::vector<std::string> forwarded{"ping", "-n", "-c", "2", "-i", "0.2", "-W", "0.5", "-I", "10.9.9.9", "10.1.0.4"};
  const std::string from_elsewhere = "icmp and src 10.9.9.9";
  const auto with_group = [](std::string_view flags) {
    auto text = peered(flags);
    const std::string_view subnet = "address_prefixes: [10.1.0.0/24]";
    text.insert(text.find(subnet) + subnet.size(), ", network_security_group: default-rules");
    return text.append(kDefaultRules);
  };

  lab.build(with_group(""));
  lab.ask("fw", {"ip", "address", "add", "10.9.9.9/32", "dev", "lo"});
  {
    Capture at_target{lab, "vm"};
    lab.exec("fw", forwarded);
    ASSERT_TRUE(lab.reaches("fw", "10.1.0.4")) << "the peer's own packets are in the tag";
    EXPECT_THAT(at_target.packets(from_elsewhere), IsEmpty());
  }
  lab.build(with_group(", allow_forwarded_traffic: true"));
  {
    Capture at_target{lab, "vm"};
    lab.exec("fw", forwarded);
    EXPECT_THAT(at_target.packets(from_elsewhere), Not(IsEmpty()));
  }
  lab.build(peered(""));
  Capture at_target{lab, "vm"};
  lab.exec("fw", forwarded);
  EXPECT_THAT(at_target.packets(from_elsewhere), Not(IsEmpty())) << "without a group nothing asks";
}

}  // namespace
}  // namespace test
