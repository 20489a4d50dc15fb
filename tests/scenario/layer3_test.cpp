// SPDX-License-Identifier: Apache-2.0
// tests/scenario/layer3_test.cpp — inside a VNet: L3-1 to L3-9, and RT-9 for what has no route.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenario/lab.hpp"

namespace test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kLayer3Lab = R"(
virtual_networks:
  - name: net
    address_space: [10.0.0.0/16]
    subnets:
      - {name: one, address_prefixes: [10.0.1.0/24]}
      - {name: two, address_prefixes: [10.0.2.0/24]}
virtual_machines:
  - {name: vm1, subnet: net/one, private_ip_address: 10.0.1.4, public_ip_address: 203.0.113.61}
  - {name: vm2, subnet: net/one, private_ip_address: 10.0.1.5}
  - {name: vm3, subnet: net/two, private_ip_address: 10.0.2.4}
  - {name: fw, subnet: net/one, private_ip_address: 10.0.1.6, ip_forwarding: true}
internet:
  hosts: [{name: laptop, ip_address: 203.0.113.200}]
)";

class LayerThree : public testing::Test {
 protected:
  void SetUp() override { lab_.build(kLayer3Lab); }

  std::vector<std::string> ping_from(const std::string& source) const {
    return {"ping", "-n", "-c", "2", "-i", "0.2", "-W", "0.5", "-I", source, "10.0.1.5"};
  }

  Lab lab_;
};

TEST_F(LayerThree, TheGatewayAnswersNoPing) {  // L3-4
  EXPECT_TRUE(lab_.reaches("vm1", "10.0.2.4")) << "and yet it forwards";
  EXPECT_TRUE(lab_.finds_silence("vm1", "10.0.1.1"));
  EXPECT_TRUE(lab_.finds_silence("vm1", "10.0.2.1"));
}

TEST_F(LayerThree, EveryNeighbourHasTheOneMacAddress) {                   // L3-5
  lab_.ask("vm1", {"ip", "route", "add", "10.0.1.0/24", "dev", "eth0"});  // who asks for a neighbour is told; by itself a machine does not
  ASSERT_TRUE(lab_.reaches("vm1", "10.0.1.5"));
  ASSERT_TRUE(lab_.reaches("vm1", "10.0.1.6"));
  ASSERT_TRUE(lab_.reaches("vm1", "10.0.2.4"));
  int neighbours = 0;
  for (const auto& neighbour : nlohmann::json::parse(lab_.ask("vm1", {"ip", "-j", "-4", "neighbour"}))) {
    EXPECT_EQ(neighbour["lladdr"], "12:34:56:78:9a:bc") << neighbour;
    ++neighbours;
  }
  EXPECT_EQ(neighbours, 3) << "vm2, fw and the gateway";
}

// L3-5: nothing that one machine sends to its neighbour's MAC address or to everybody arrives there as it was sent.
TEST_F(LayerThree, ThereIsNoBroadcast) {  // L3-2
  Capture at_neighbour{lab_, "vm2"};
  lab_.exec("vm1", {"ping", "-n", "-b", "-c", "2", "-i", "0.1", "-W", "1", "10.0.1.255"});
  ASSERT_TRUE(lab_.reaches("vm1", "10.0.1.5"));
  const auto packets = at_neighbour.packets("src 10.0.1.4");
  EXPECT_THAT(packets, Not(IsEmpty()));
  for (const auto& packet : packets) EXPECT_THAT(packet, Not(HasSubstr("10.0.1.255")));
}

TEST_F(LayerThree, PassesNoIpv6AndNoMulticast) {  // L3-1
  for (const auto& [node, address] : {std::pair("vm1", "fd00::1/64"), std::pair("vm2", "fd00::2/64")}) {
    lab_.ask(node, {"sysctl", "-q", "-w", "net.ipv6.conf.eth0.disable_ipv6=0"});
    lab_.ask(node, {"ip", "address", "add", address, "dev", "eth0", "nodad"});
    EXPECT_THAT(lab_.ask(node, {"ip", "-6", "address", "show", "dev", "eth0"}), HasSubstr(address));
  }
  Capture at_neighbour{lab_, "vm2"};
  EXPECT_NE(lab_.exec("vm1", {"ping", "-n", "-c", "2", "-i", "0.2", "-W", "0.5", "fd00::2"}).status, 0);
  lab_.exec("vm1", {"ping", "-n", "-c", "2", "-i", "0.2", "-W", "0.5", "224.0.0.1"});
  ASSERT_TRUE(lab_.reaches("vm1", "10.0.1.5"));
  const auto packets = at_neighbour.packets("src 10.0.1.4 or (ip6 and src fd00::1)");
  EXPECT_THAT(packets, Not(IsEmpty()));
  for (const auto& packet : packets) EXPECT_THAT(packet, testing::AllOf(Not(HasSubstr("fd00::1")), Not(HasSubstr("224.0.0.1"))));
}

TEST_F(LayerThree, PassesPacketsOf1500BytesAndNoLarger) {  // L3-7
  constexpr int kHeaders = 28;                             // IPv4 and ICMP
  const auto passes = [&](const char* target, int bytes) {
    return lab_.exec("vm1", {"ping", "-n", "-c", "1", "-W", "2", "-M", "do", "-s", std::to_string(bytes - kHeaders), target}).status == 0;
  };
  for (const auto* target : {"10.0.1.5", "10.0.2.4"}) {
    EXPECT_FALSE(passes(target, 1501)) << target;
    EXPECT_TRUE(passes(target, 1500)) << target;
  }
}

TEST_F(LayerThree, AMachineWithAnotherSourceAddressGetsNothingThrough) {  // L3-9
  lab_.ask("vm1", {"ip", "address", "add", "10.0.1.77/32", "dev", "eth0"});
  Capture at_target{lab_, "vm2"};
  EXPECT_TRUE(lab_.finds_silence("vm1", "10.0.1.5", {"-I", "10.0.1.77"}));
  ASSERT_TRUE(lab_.reaches("vm1", "10.0.1.5")) << "its own address still works";
  EXPECT_THAT(at_target.packets("src 10.0.1.77"), IsEmpty());
}

TEST_F(LayerThree, AMachineWithIpForwardingMaySendWhatOthersSent) {  // L3-9
  lab_.ask("fw", {"ip", "address", "add", "10.0.1.77/32", "dev", "lo"});
  Capture at_target{lab_, "vm2"};
  lab_.exec("fw", ping_from("10.0.1.77"));
  EXPECT_THAT(at_target.packets("icmp and src 10.0.1.77"), Not(IsEmpty()));
}

TEST_F(LayerThree, AMachineWithAnotherMacAddressGetsNothingThrough) {
  ASSERT_TRUE(lab_.reaches("vm1", "10.0.1.5"));
  const auto link = nlohmann::json::parse(lab_.ask("vm1", {"ip", "-j", "link", "show", "eth0"}));
  lab_.ask("vm1", {"ip", "link", "set", "eth0", "address", "02:00:00:00:00:99"});
  Capture at_target{lab_, "vm2"};
  EXPECT_TRUE(lab_.exec("vm1", ping_from("10.0.1.4")).status != 0);
  EXPECT_THAT(at_target.packets("src 10.0.1.4"), IsEmpty());

  lab_.ask("vm1", {"ip", "link", "set", "eth0", "address", link[0]["address"]});
  EXPECT_TRUE(lab_.reaches("vm1", "10.0.1.5"));
}

TEST_F(LayerThree, APrivateAddressWithoutARouteIsDroppedSilentlyAndNeverSeenOnTheInternet) {  // RT-3, RT-9
  Capture on_internet{lab_, "internet"};
  for (const auto* nowhere : {"10.9.9.9", "10.0.99.4", "172.16.3.3", "192.168.1.1", "100.64.5.5"})
    EXPECT_TRUE(lab_.finds_silence("vm1", nowhere)) << nowhere;
  ASSERT_TRUE(lab_.reaches("vm1", "203.0.113.200"));
  const auto packets = on_internet.packets("ip");
  EXPECT_THAT(packets, Not(IsEmpty())) << "what is for the internet is seen there";
  for (const auto& packet : packets) {
    EXPECT_THAT(packet, HasSubstr("203.0.113.61"));
    EXPECT_THAT(packet, HasSubstr("203.0.113.200"));
  }
}

}  // namespace
}  // namespace test
