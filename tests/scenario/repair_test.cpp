// SPDX-License-Identifier: Apache-2.0
// tests/scenario/repair_test.cpp — something in a running lab is changed by hand; the next `up` mends that, and only that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/scenario/lab.hpp"
#include "tests/support/eventually.hpp"

namespace test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kRepairedLab = R"(
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
  - {name: vm1, subnet: left/s, public_ip_address: 203.0.113.71, public_ip_address_sku: Basic}
  - {name: vm2, subnet: right/s, web: 80}
  - {name: vm3, subnet: right/s, web: 80}
internet:
  hosts: [{name: laptop, ip_address: 203.0.113.200}]
)";

class Repair : public testing::Test {
 protected:
  void SetUp() override {
    lab_.build(kRepairedLab);
    whole_ = kernel_state_of(lab_.name());
    ASSERT_TRUE(works());
    pages_ = pages();
  }

  bool works() const {
    return lab_.page("vm1", "10.2.0.4") == "vm2 (10.2.0.4) says hello to 10.1.0.4\n" && lab_.page("vm1", "10.2.0.5") != "" &&
           lab_.exec("laptop", {"ping", "-c", "1", "-W", "1", "203.0.113.71"}).status == 0;
  }

  void ip(std::string_view node, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"ip", "-n", lab_.namespace_of(node)});
    const auto result = run_apart(arguments);
    ASSERT_EQ(result.status, 0) << result.errors;
  }

  /// Processes that serve pages.
  std::vector<std::string> pages() const { return processes_in(namespaces_of(lab_.name())); }

  /// Broken now; `up` says what it did in as many namespaces, and everything is as it was.
  void expect_mended(const std::string& words, const std::string& namespaces) {
    EXPECT_FALSE(works()) << "nothing was broken: the test would prove nothing";
    const auto said = lab_.build(kRepairedLab);
    EXPECT_THAT(said, HasSubstr(words));
    EXPECT_THAT(said, HasSubstr(namespaces + " changed, 7 in all"));
    EXPECT_TRUE(eventually([&] { return works(); }));
    EXPECT_THAT(differences(whole_, kernel_state_of(lab_.name())), IsEmpty());
    EXPECT_THAT(lab_.build(kRepairedLab), HasSubstr("nothing to do"));
  }

  Lab lab_;
  Lines whole_;
  std::vector<std::string> pages_;
};

TEST_F(Repair, OfAPortThatWasDeleted) {
  ip("left", {"link", "delete", "vm-vm1"});
  expect_mended("vm-vm1", "2 namespaces");
  EXPECT_EQ(pages(), pages_) << "nobody else was disturbed";
}

TEST_F(Repair, OfAPeeringsLinkThatWasDeleted) {
  ip("right", {"link", "delete", "peer-left"});
  expect_mended("peer-left", "2 namespaces");
  EXPECT_EQ(pages(), pages_);
}

TEST_F(Repair, OfALinkThatWasSetDown) {
  ip("right", {"link", "set", "peer-left", "down"});
  expect_mended("peer-left", "1 namespace");
  EXPECT_EQ(pages(), pages_);
}

TEST_F(Repair, OfARulesetThatWasFlushed) {
  ASSERT_EQ(run_apart({"ip", "netns", "exec", lab_.namespace_of("left"), "nft", "flush", "ruleset"}).status, 0);
  expect_mended("ruleset", "1 namespace");
  EXPECT_EQ(pages(), pages_);
}

TEST_F(Repair, OfARouteThatWasDeleted) {
  ip("vm1", {"route", "delete", "default"});
  expect_mended("add route default", "1 namespace");
  EXPECT_EQ(pages(), pages_);
}

TEST_F(Repair, OfEveryRouteOfARouter) {
  ip("left", {"route", "flush", "proto", "76", "table", "all"});
  expect_mended("route 10.2.0.0/16", "1 namespace");
  EXPECT_EQ(pages(), pages_);
}

TEST_F(Repair, OfForwardingThatWasSwitchedOff) {
  ASSERT_EQ(run_apart({"ip", "netns", "exec", lab_.namespace_of("left"), "sysctl", "-qw", "net.ipv4.ip_forward=0"}).status, 0);
  expect_mended("ip_forward", "1 namespace");
}

TEST_F(Repair, OfAFixedEntryOfABridge) {
  ASSERT_EQ(run_apart({"bridge", "-n", lab_.namespace_of("right"), "fdb", "del", "00:0d:3a:02:00:04", "dev", "vm-vm2", "master"}).status,
            0);
  expect_mended("add bridge entry 00:0d:3a:02:00:04 dev vm-vm2", "1 namespace");
}

TEST_F(Repair, OfConnectedRoutesThatWereFlushed) {
  ip("right", {"route", "flush", "proto", "kernel", "table", "main"});
  expect_mended("add route 10.2.0.0/24 dev br-s", "1 namespace");
}

TEST_F(Repair, OfARuleThatTurnsPacketsAway) {
  ip("left", {"rule", "add", "pref", "7", "iif", "br-s", "blackhole"});
  expect_mended("delete rule 7:", "1 namespace");
}

TEST_F(Repair, OfTheRuleForTheMainTable) {
  ip("right", {"rule", "del", "pref", "32766"});
  expect_mended("add rule 32766: from all lookup main", "1 namespace");
}

TEST_F(Repair, OfARouterThatAnswersNoArp) {
  ASSERT_EQ(run_apart({"ip", "netns", "exec", lab_.namespace_of("left"), "sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=8"}).status, 0);
  ip("vm1", {"neighbour", "flush", "all"});
  expect_mended("arp_ignore", "1 namespace");
}

TEST_F(Repair, AddressesThatTwoMachinesExchangeReachTheirNewOwners) {
  const auto with_addresses = [](const char* vm2, const char* vm3) {
    std::string file{kRepairedLab};
    file.replace(file.find("vm2, subnet: right/s"), 20, std::string("vm2, subnet: right/s, private_ip_address: ") + vm2);
    file.replace(file.find("vm3, subnet: right/s"), 20, std::string("vm3, subnet: right/s, private_ip_address: ") + vm3);
    return file;
  };
  lab_.build(with_addresses("10.2.0.10", "10.2.0.11"));
  EXPECT_EQ(lab_.page("vm1", "10.2.0.10"), "vm2 (10.2.0.10) says hello to 10.1.0.4\n");
  lab_.build(with_addresses("10.2.0.11", "10.2.0.10"));
  EXPECT_EQ(lab_.page("vm1", "10.2.0.10"), "vm3 (10.2.0.10) says hello to 10.1.0.4\n");
  EXPECT_EQ(lab_.page("vm1", "10.2.0.11"), "vm2 (10.2.0.11) says hello to 10.1.0.4\n");
  EXPECT_THAT(lab_.build(with_addresses("10.2.0.11", "10.2.0.10")), HasSubstr("nothing to do"));
}

// What a person tries out in a machine is not Lazuli's to take away.
TEST_F(Repair, LeavesARouteAloneThatSomebodyAdded) {
  ip("vm2", {"route", "add", "192.0.2.0/24", "via", "10.2.0.1"});
  EXPECT_THAT(lab_.build(kRepairedLab), HasSubstr("nothing to do"));
  EXPECT_THAT(run_apart({"ip", "-n", lab_.namespace_of("vm2"), "route"}).output, HasSubstr("192.0.2.0/24"));
}

TEST_F(Repair, OfAPageThatWasKilled) {
  const auto pid = [&] { return run_apart({"ip", "netns", "pids", lab_.namespace_of("vm2")}).output; };
  ASSERT_FALSE(pid().empty());
  ASSERT_EQ(::kill(std::stoi(pid()), SIGKILL), 0);
  ASSERT_TRUE(eventually([&] { return pid().empty(); }));
  const auto others = pages();
  EXPECT_EQ(others.size(), 2) << "the page of vm3, and who watches over it";
  expect_mended("web", "1 namespace");
  EXPECT_THAT(pages(), testing::IsSupersetOf(others));
}

TEST_F(Repair, OfANamespaceThatWasRemoved) {
  ASSERT_EQ(run_apart({"ip", "netns", "delete", lab_.namespace_of("vm1")}).status, 0);
  expect_mended("vm1", "2 namespaces");
  EXPECT_EQ(pages(), pages_);
}

}  // namespace
}  // namespace test
