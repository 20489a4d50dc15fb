// SPDX-License-Identifier: Apache-2.0
// tests/scenario/peering_flags_test.cpp — PEER-16 to PEER-18: what the flags of a link let in.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenario/lab.hpp"

namespace test {
namespace {

using testing::HasSubstr;

struct Spoke {
  std::string_view flags = {};    ///< of the link of `spoke`: `, allow_forwarded_traffic: true`
  bool has_group = false;         ///< on its subnet
  std::string_view rules = "[]";  ///< of that group
  bool default_route = false;     ///< to the appliance in the hub, by a table of its subnet
};

/// Two peered networks. `fw` may send what others sent.
std::string peered(const Spoke& is) {
  return fmt::format(R"(
virtual_networks:
  - name: hub
    address_space: [10.0.0.0/16]
    subnets: [{{name: s, address_prefixes: [10.0.0.0/24]}}]
    peerings: [{{name: hub-to-spoke, remote_virtual_network: spoke}}]
  - name: spoke
    address_space: [10.1.0.0/16]
    subnets: [{{name: s, address_prefixes: [10.1.0.0/24]{1}{3}}}]
    peerings: [{{name: spoke-to-hub, remote_virtual_network: hub{0}}}]
network_security_groups: [{{name: judge, security_rules: {2}}}]
route_tables:
  - name: out
    routes: [{{name: all, address_prefix: 0.0.0.0/0, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.0.4}}]
virtual_machines:
  - {{name: fw, subnet: hub/s, private_ip_address: 10.0.0.4, ip_forwarding: true}}
  - {{name: vm, subnet: spoke/s, private_ip_address: 10.1.0.4, web: 80}}
)",
                     is.flags, is.has_group ? ", network_security_group: judge" : "", is.rules,
                     is.default_route ? ", route_table: out" : "");
}

TEST(AllowVirtualNetworkAccess, WhenFalseKeepsTheRouteAndDropsThePackets) {
  const Lab lab;
  lab.build(peered({}));
  ASSERT_TRUE(lab.reaches("fw", "10.1.0.4"));
  ASSERT_TRUE(lab.reaches("vm", "10.0.0.4"));

  lab.build(peered({.flags = ", allow_virtual_network_access: false"}));
  EXPECT_TRUE(lab.finds_silence("fw", "10.1.0.4"));
  EXPECT_TRUE(lab.finds_silence("vm", "10.0.0.4"));
  EXPECT_EQ(lab.page("fw", "10.1.0.4"), "");
  EXPECT_EQ(lab.status()["virtualNetworks"][1]["virtualNetworkPeerings"][0]["peeringState"], "Connected");
  EXPECT_THAT(lazuli({"routes", "-l", lab.name(), "vm"}).output, HasSubstr("VNetPeering"));

  lab.build(peered({}));
  EXPECT_TRUE(lab.reaches("fw", "10.1.0.4"));
}

// PEER-16: the flag takes the peer out of the tag VirtualNetwork. A rule with addresses has the last word.
TEST(AllowVirtualNetworkAccess, WhenFalseLeavesItToTheRulesOfAGroup) {
  const Lab lab;
  lab.build(peered({.flags = ", allow_virtual_network_access: false", .has_group = true}));
  EXPECT_TRUE(lab.finds_silence("fw", "10.1.0.4"));
  lab.build(peered({.flags = ", allow_virtual_network_access: false",
                    .has_group = true,
                    .rules = "[{name: hub, priority: 100, direction: Inbound, access: Allow, protocol: '*', "
                             "source_address_prefix: 10.0.0.0/16}]"}));
  EXPECT_TRUE(lab.reaches("fw", "10.1.0.4"));
}

/// Pings of fw with a source that is nobody's.
class ForwardedPackets : public testing::Test {
 protected:
  void build(const Spoke& is) {
    lab_.build(peered(is));
    lab_.exec("fw", {"ip", "address", "add", "10.9.9.9/32", "dev", "lo"});
  }

  /// Whether vm gets them; the hub's own packets pass in any case.
  bool pass() {
    Capture at_target{lab_, "vm"};
    lab_.exec("fw", {"ping", "-n", "-c", "2", "-i", "0.2", "-W", "0.5", "-I", "10.9.9.9", "10.1.0.4"});
    EXPECT_TRUE(lab_.reaches("fw", "10.1.0.4"));
    return !at_target.packets("icmp and src 10.9.9.9").empty();
  }

  Lab lab_;
};

// PEER-17, PEER-18: the receiving side's flag decides whether they are VirtualNetwork, which only a group asks.
TEST_F(ForwardedPackets, PassAGroupWhenTheLinkSaysSo) {
  build({.has_group = true});
  EXPECT_FALSE(pass());
  build({.flags = ", allow_forwarded_traffic: true", .has_group = true});
  EXPECT_TRUE(pass());
}

TEST_F(ForwardedPackets, PassWithoutAGroupWhateverTheLinkSays) {
  build({.has_group = true});
  ASSERT_FALSE(pass());
  build({});
  EXPECT_TRUE(pass()) << "the flag is not a block";
  build({.flags = ", allow_forwarded_traffic: true"});
  EXPECT_TRUE(pass());
}

// TAG-6: with a default route of the user's everything is VirtualNetwork.
TEST_F(ForwardedPackets, PassAGroupWhereADefaultRouteMakesEverythingVirtualNetwork) {
  build({.has_group = true});
  ASSERT_FALSE(pass());
  build({.has_group = true, .default_route = true});
  EXPECT_TRUE(pass());
}

}  // namespace
}  // namespace test
