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
  EXPECT_EQ(others.size(), 1) << "the page of vm3";
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
