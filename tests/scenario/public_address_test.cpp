// SPDX-License-Identifier: Apache-2.0
// tests/scenario/public_address_test.cpp — PIP-4, PIP-9, PIP-10, PIP-13: public addresses, and who gets out without one.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "tests/scenario/lab.hpp"

namespace test {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kPublicLab = R"(
virtual_networks:
  - name: left
    address_space: [10.1.0.0/16]
    subnets:
      - {name: s, address_prefixes: [10.1.0.0/24], network_security_group: open}
      - {name: closed, address_prefixes: [10.1.9.0/24], default_outbound_access: false}
  - {name: right, address_space: [10.2.0.0/16], subnets: [{name: s, address_prefixes: [10.2.0.0/24], network_security_group: open}]}
network_security_groups:  # PIP-6
  - name: open
    security_rules: [{name: in, priority: 100, direction: Inbound, access: Allow, protocol: '*'}]
virtual_machines:
  - {name: front, subnet: left/s, private_ip_address: 10.1.0.4, public_ip_address: 203.0.113.41, public_ip_address_sku: Basic, web: 80}
  - {name: beside, subnet: left/s, private_ip_address: 10.1.0.5, public_ip_address: 203.0.113.42, public_ip_address_sku: Basic, web: 80}
  - {name: plain1, subnet: left/s, private_ip_address: 10.1.0.6}
  - {name: plain2, subnet: left/s, private_ip_address: 10.1.0.7}
  - {name: shut, subnet: left/closed, private_ip_address: 10.1.9.4}
  - {name: far, subnet: right/s, private_ip_address: 10.2.0.4, public_ip_address: 203.0.113.43, public_ip_address_sku: Basic, web: 80}
  - {name: far-plain, subnet: right/s, private_ip_address: 10.2.0.5}
internet:
  hosts: [{name: laptop, ip_address: 203.0.113.200, web: 80}]
)";

class PublicAddress : public testing::Test {
 protected:
  void SetUp() override { lab_.build(kPublicLab); }

  /// The address that `from` is seen with by the laptop; empty when its page does not come.
  std::string source_seen_from(std::string_view from) const {
    const auto page = lab_.page(from, "203.0.113.200");
    std::smatch match;
    return std::regex_search(page, match, std::regex{"hello to (\\S+)"}) ? match[1].str() : "";
  }

  Lab lab_;
};

TEST_F(PublicAddress, IsOnNoInterfaceAnywhere) {
  for (const auto* node : {"front", "beside", "plain1", "far", "left", "right", "internet"}) {
    const auto addresses = lab_.ask(node, {"ip", "-4", "address"});
    for (const auto* address : {"203.0.113.41", "203.0.113.42", "203.0.113.43"}) EXPECT_THAT(addresses, Not(HasSubstr(address))) << node;
  }
  EXPECT_TRUE(lab_.reaches("laptop", "203.0.113.41"));
  EXPECT_EQ(lab_.page("laptop", "203.0.113.41"), "front (10.1.0.4) says hello to 203.0.113.200\n");
}

TEST_F(PublicAddress, IsTheSourceOfWhatItsMachineSends) {
  EXPECT_EQ(source_seen_from("front"), "203.0.113.41");
  EXPECT_EQ(source_seen_from("far"), "203.0.113.43");
  EXPECT_TRUE(lab_.reaches("front", "203.0.113.200"));
}

TEST_F(PublicAddress, ReachesOnlyTheMachineThatHasIt) {
  EXPECT_TRUE(lab_.finds_silence("laptop", "203.0.113.44")) << "nobody has it";
  EXPECT_TRUE(lab_.finds_silence("laptop", "10.1.0.4")) << "private addresses are not routed on the internet";
}

// PIP-9: TCP leaves by an address that all of the network share; an echo request does not leave.
TEST_F(PublicAddress, IsNotNeededToGetOutExceptForPings) {
  const auto shared = source_seen_from("plain1");
  EXPECT_NE(shared, "");
  EXPECT_EQ(source_seen_from("plain2"), shared);
  EXPECT_NE(source_seen_from("far-plain"), "");
  EXPECT_NE(source_seen_from("far-plain"), shared);
  EXPECT_THAT(std::vector<std::string>({"203.0.113.41", "203.0.113.42", "203.0.113.43"}), Not(Contains(shared)));
  EXPECT_FALSE(shared.starts_with("10."));

  Capture on_internet{lab_, "internet"};
  EXPECT_TRUE(lab_.finds_silence("plain1", "203.0.113.200"));
  EXPECT_THAT(on_internet.packets("icmp"), IsEmpty());
  EXPECT_TRUE(lab_.finds_silence("laptop", shared)) << "nobody gets in by it";
}

// PIP-10
TEST_F(PublicAddress, IsNeededToGetOutOfASubnetWithoutDefaultOutboundAccess) {
  EXPECT_NE(source_seen_from("plain1"), "");
  Capture on_internet{lab_, "internet"};
  EXPECT_EQ(source_seen_from("shut"), "");
  EXPECT_THAT(on_internet.packets("ip"), IsEmpty());
  EXPECT_TRUE(lab_.reaches("shut", "10.1.0.4")) << "inside, it is a machine like others";
}

// PIP-13: the same whether the target is in another network or beside the sender.
TEST_F(PublicAddress, TranslatesBothSidesBetweenTwoMachines) {
  struct Target {
    std::string node;
    std::string own;
    std::string shown;
  };
  for (const auto& [node, own, shown] : {Target{"far", "10.2.0.4", "203.0.113.43"}, Target{"beside", "10.1.0.5", "203.0.113.42"}}) {
    Capture on_internet{lab_, "internet"};
    Capture at_target{lab_, node};
    EXPECT_EQ(lab_.page("front", shown), fmt::format("{} ({}) says hello to 203.0.113.41\n", node, own));
    const auto outside = on_internet.packets("tcp dst port 80");
    EXPECT_THAT(outside, Not(IsEmpty()));
    EXPECT_THAT(outside, Each(HasSubstr("203.0.113.41."))) << "the sender's own address never leaves";
    EXPECT_THAT(outside, Each(HasSubstr("> " + shown + ".80")));
    const auto inside = at_target.packets("tcp dst port 80");
    EXPECT_THAT(inside, Not(IsEmpty()));
    EXPECT_THAT(inside, Each(HasSubstr("203.0.113.41.")));
    EXPECT_THAT(inside, Each(HasSubstr("> " + own + ".80")));
  }
}

}  // namespace
}  // namespace test
