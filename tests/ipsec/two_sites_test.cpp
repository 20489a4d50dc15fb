// SPDX-License-Identifier: Apache-2.0
// tests/ipsec/two_sites_test.cpp — a gateway with several tunnels: they do not touch each other, and packets pass from one to another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ipsec/tunnel_lab.hpp"

namespace test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// host1 192.168.1.10 -- site1 198.51.100.101 == gw 203.0.113.10 == 198.51.100.102 site2 -- 192.168.2.10 host2, and so on.
struct Sites {
  int count = 2;
  std::string key_of_second = "Key.Of.Site.2";
  bool know_each_other = false;  ///< whether the devices of the first two send to the other one's prefix

  std::string text() const {
    std::string sites = "on_premises:\n";
    std::string locals = "local_network_gateways:\n";
    std::string connections = "virtual_network_gateway_connections:\n";
    for (int i = 1; i <= count; ++i) {
      const auto key = i == 2 ? key_of_second : fmt::format("Key.Of.Site.{}", i);
      const auto more = know_each_other ? fmt::format(" remote_address_space: [10.1.0.0/16, 192.168.{}.0/24],", 3 - i) : "";
      sites += fmt::format(
          "  - {{name: site{0}, address_space: [192.168.{0}.0/24], public_ip_address: 198.51.100.{1}, shared_key: {2},{3}"
          " hosts: [{{name: host{0}, ip_address: 192.168.{0}.10}}]}}\n",
          i, 100 + i, key, more);
      locals += fmt::format("  - {{name: local{0}, gateway_address: on_premises.site{0}, address_space: [192.168.{0}.0/24]}}\n", i);
      connections +=
          fmt::format("  - {{name: to-site{0}, virtual_network_gateway: gw, local_network_gateway: local{0}, shared_key: {1}}}\n", i, key);
    }
    return "virtual_networks:\n"
           "  - name: vnet\n"
           "    address_space: [10.1.0.0/16]\n"
           "    subnets:\n"
           "      - {name: default, address_prefixes: [10.1.0.0/24]}\n"
           "      - {name: GatewaySubnet, address_prefixes: [10.1.255.0/27]}\n"
           "virtual_machines: [{name: vm1, subnet: vnet/default}]\n"
           "virtual_network_gateways: [{name: gw, virtual_network: vnet, public_ip_address: 203.0.113.10}]\n" +
           locals + connections + sites;
  }
};

std::string host(int i) { return fmt::format("192.168.{}.10", i); }

TEST(TwoSites, ComeAndGoWithoutTouchingEachOther) {  // VPN-17
  const Lab lab;
  Sites file;
  file.count = 1;
  lab.build(file.text());
  ASSERT_TRUE(lab.reaches("vm1", host(1)));
  const auto keys = keys_with(lab, "gw", "198.51.100.101");
  ASSERT_EQ(keys.size(), 2) << "one each way";
  const auto gateway = daemon_of(lab, "gw");

  file.count = 2;
  EXPECT_THAT(lab.build(file.text()), HasSubstr("VPN Connected (to-site2)"));
  EXPECT_TRUE(lab.reaches("vm1", host(2)));
  EXPECT_EQ(keys_with(lab, "gw", "198.51.100.101"), keys) << "a second site came";
  const auto other_keys = keys_with(lab, "gw", "198.51.100.102");

  file.key_of_second = "Another.Key.2";
  EXPECT_THAT(lab.build(file.text()), HasSubstr("VPN Connected (to-site2)"));
  EXPECT_TRUE(lab.reaches("vm1", host(2)));
  EXPECT_NE(keys_with(lab, "gw", "198.51.100.102"), other_keys) << "the one that changed has new keys";
  EXPECT_EQ(keys_with(lab, "gw", "198.51.100.101"), keys) << "the second site's key changed";

  file.count = 1;
  lab.build(file.text());
  EXPECT_THAT(keys_with(lab, "gw", "198.51.100.102"), IsEmpty());
  EXPECT_EQ(keys_with(lab, "gw", "198.51.100.101"), keys) << "the second site went";
  EXPECT_TRUE(lab.reaches("vm1", host(1)));
  EXPECT_EQ(daemon_of(lab, "gw"), gateway) << "one daemon all along";
}

TEST(TwoSites, ReachEachOtherThroughTheGatewayOnceBothKnowTheOthersPrefixes) {  // VPN-25
  const Lab lab;
  Sites file;
  lab.build(file.text());
  ASSERT_TRUE(lab.reaches("host1", "10.1.0.4"));
  ASSERT_TRUE(lab.reaches("host2", "10.1.0.4"));
  EXPECT_TRUE(lab.finds_silence("host1", host(2)));

  file.know_each_other = true;
  lab.build(file.text());
  Capture on_network{lab, "vnet"};
  Capture on_internet{lab, "internet"};
  EXPECT_TRUE(lab.reaches("host1", host(2)));
  EXPECT_TRUE(lab.reaches("host2", host(1)));
  EXPECT_THAT(on_network.packets("icmp"), IsEmpty()) << "from tunnel to tunnel, past the network";
  EXPECT_THAT(on_internet.packets("esp and host 198.51.100.101"), Not(IsEmpty()));
  EXPECT_THAT(on_internet.packets("esp and host 198.51.100.102"), Not(IsEmpty()));
  EXPECT_THAT(on_internet.packets("icmp"), IsEmpty());
}

TEST(TenSites, AreAllConnectedToOneGateway) {  // VPN-9
  const Lab lab;
  Sites file;
  file.count = 10;
  const auto start = std::chrono::steady_clock::now();
  lab.build(file.text());
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  RecordProperty("seconds_until_all_connected", fmt::format("{:.1f}", took));
  fmt::print("ten sites: {:.1f} s\n", took);
  const auto connections = lab.status()["connections"];
  ASSERT_EQ(connections.size(), file.count);
  for (const auto& connection : connections) EXPECT_EQ(connection["connectionStatus"], "Connected") << connection;
  for (int i = 1; i <= file.count; ++i) EXPECT_TRUE(lab.reaches("vm1", host(i))) << i;
}

}  // namespace
}  // namespace test
