// SPDX-License-Identifier: Apache-2.0
// tests/scenario/trace_test.cpp — `lazuli trace`: every node that a packet came through, in order, and where one that is lost was last.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenario/lab.hpp"

namespace test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kTracedLab = R"(
virtual_networks:
  - name: hub
    address_space: [10.0.0.0/16]
    subnets: [{name: nva, address_prefixes: [10.0.2.0/24]}]
    peerings:
      - {name: to-spoke, remote_virtual_network: spoke, allow_forwarded_traffic: true}
  - name: spoke
    address_space: [10.1.0.0/16]
    subnets:
      - {name: app, address_prefixes: [10.1.0.0/24], route_table: via-nva, service_endpoints: [Microsoft.Storage]}
      - {name: data, address_prefixes: [10.1.1.0/24], network_security_group: data-nsg}
    peerings:
      - {name: to-hub, remote_virtual_network: hub, allow_forwarded_traffic: true}
route_tables:
  - name: via-nva
    routes: [{name: data, address_prefix: 10.1.1.0/24, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.2.4}]
network_security_groups:
  - name: data-nsg
    security_rules:
      - {name: no-telnet, priority: 100, direction: Inbound, access: Deny, protocol: Tcp, destination_port_range: 23}
virtual_machines:
  - {name: nva, subnet: hub/nva, private_ip_address: 10.0.2.4, ip_forwarding: true}
  - {name: app, subnet: spoke/app, private_ip_address: 10.1.0.4, public_ip_address: 203.0.113.11, public_ip_address_sku: Basic}
  - {name: data, subnet: spoke/data, private_ip_address: 10.1.1.4, web: 80}
storage_accounts:
  - {name: contosodata, location: westus, network_rules: {default_action: Deny, virtual_network_subnets: [spoke/app]}}
internet:
  hosts: [{name: laptop, ip_address: 203.0.113.200, web: 80}]
)";

class Trace : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    lab_ = new Lab;
    lab_->build(kTracedLab);
  }
  static void TearDownTestSuite() {
    delete lab_;
    lab_ = nullptr;
  }

  static CommandStreams trace(const std::string& from, const std::string& to) { return lazuli({"trace", "-l", lab_->name(), from, to}); }

  static nlohmann::json traced(const std::string& from, const std::string& to) {
    const auto run = lazuli({"trace", "-l", lab_->name(), from, to, "--json"});
    EXPECT_EQ(run.status, 0) << run.output << run.errors;
    return nlohmann::json::parse(run.output, nullptr, false);
  }

  static std::vector<std::string> nodes_in(const nlohmann::json& hops) {
    std::vector<std::string> nodes;
    for (const auto& hop : hops) nodes.push_back(hop["node"]);
    return nodes;
  }

  static Lab* lab_;
};

Lab* Trace::lab_ = nullptr;

// UDR-1: there by the appliance in the peer, back directly, because only one subnet has the table.
TEST_F(Trace, IsEveryNodeThatThePacketAndItsAnswerCameThrough) {
  const auto told = traced("app", "data");
  EXPECT_EQ(told["connectionStatus"], "Reachable");
  EXPECT_EQ(told["path"], "appliance");
  EXPECT_THAT(nodes_in(told["hops"]), ElementsAre("app", "spoke", "hub", "nva", "hub", "spoke", "data"));
  EXPECT_THAT(nodes_in(told["answerHops"]), ElementsAre("data", "spoke", "app"));
  EXPECT_THAT(told["hops"][1]["rules"].get<std::vector<std::string>>(),
              ElementsAre("spoke/app: route 10.1.1.0/24 -> VirtualAppliance 10.0.2.4 (User: via-nva/data)"));
  EXPECT_THAT(told["hops"][4]["rules"].get<std::vector<std::string>>(), ElementsAre("hub/nva: route 10.1.0.0/16 -> VNetPeering spoke"));
}

// PIP-4
TEST_F(Trace, ShowsWhereAddressesAreTranslated) {
  const auto told = traced("app", "laptop:80");
  EXPECT_THAT(nodes_in(told["hops"]), ElementsAre("app", "spoke", "internet", "laptop"));
  EXPECT_EQ(told["hops"][0]["sourceIPAddress"], "10.1.0.4");
  EXPECT_EQ(told["hops"][1]["sourceIPAddress"], "203.0.113.11");
  EXPECT_EQ(told["answerHops"][0]["destinationIPAddress"], "203.0.113.11");
  EXPECT_EQ(told["answerHops"][3]["destinationIPAddress"], "10.1.0.4");
  EXPECT_EQ(told["answerHops"][0]["packet"], "SYN,ACK");
}

TEST_F(Trace, OfAPageEndsInItsStatus) {
  EXPECT_THAT(trace("app", "http://data/").output, HasSubstr("\n200 through the appliance, as Azure's rules say\n"));
  EXPECT_THAT(trace("app", "http://data/nowhere").output, HasSubstr("\n404 through the appliance, as Azure's rules say\n"));
}

// SE-4, SA-2
TEST_F(Trace, OfAServiceSaysWhichRuleLetsTheCallerIn) {
  EXPECT_THAT(trace("app", "http://contosodata/").output,
              AllOf(HasSubstr("service contosodata: lets spoke/app in: a virtual network rule\n"),
                    HasSubstr("\n200 over the service endpoint, as Azure's rules say\n")));
  EXPECT_THAT(trace("laptop", "http://contosodata/").output,
              AllOf(HasSubstr("service contosodata: does not let 203.0.113.200 in: no IP rule names it (SA-2)\n"),
                    HasSubstr("\n403 over the internet, as Azure's rules say\n")));
}

// NSG-13
TEST_F(Trace, OfALostPacketEndsWhereItWasLastAndSaysWhy) {
  const auto run = trace("nva", "data:23");
  EXPECT_EQ(run.status, 0) << run.errors;
  EXPECT_THAT(run.output, HasSubstr("              vm data: data-nsg inbound: Deny no-telnet (100)\n"
                                    "blocked, got as far as the peering, as Azure's rules say: vm data: data-nsg inbound: Deny"));
  const auto told = traced("nva", "data:23");
  EXPECT_EQ(told["connectionStatus"], "Unreachable");
  EXPECT_THAT(nodes_in(told["hops"]), ElementsAre("nva", "hub", "spoke"));
  EXPECT_THAT(told["answerHops"], IsEmpty());
}

// People's own rules: Azure knows nothing of them, and of what they send on everything.
TEST_F(Trace, FollowsAPacketThatAnApplianceTurns) {
  EXPECT_THAT(trace("app", "nva:8080").output, HasSubstr("\nrefused")) << "nobody listens on the appliance itself";
  lab_->ask("nva", {"nft",
                    "add table ip t; add chain ip t in { type nat hook prerouting priority -100; }; "
                    "add chain ip t out { type nat hook postrouting priority 100; }; "
                    "add rule ip t in tcp dport 8080 dnat to 10.1.1.4:80; add rule ip t in tcp dport 8023 dnat to 10.1.1.4:23; "
                    "add rule ip t out masquerade"});
  const auto page = trace("app", "nva:8080");
  const auto telnet = trace("app", "nva:8023");
  lab_->ask("nva", {"nft", "delete table ip t"});
  EXPECT_EQ(page.status, 0);
  EXPECT_THAT(page.output,
              AllOf(HasSubstr("\nreachable in"), HasSubstr("turned to 10.1.1.4:80 by rules of nva's own, as Azure's rules say\n")));
  EXPECT_EQ(telnet.status, 0);
  EXPECT_THAT(telnet.output, AllOf(HasSubstr("vm data: data-nsg inbound: Deny no-telnet (100)\n"), HasSubstr("\nblocked"),
                                   HasSubstr("turned to 10.1.1.4:23 by rules of nva's own, as Azure's rules say")));
}

TEST_F(Trace, ShowsAnIcmpErrorAsTheAnswer) {
  lab_->ask("data", {"nft",
                     "add table ip t; add chain ip t in { type filter hook input priority 0; }; "
                     "add rule ip t in tcp dport 81 reject with icmp type admin-prohibited"});
  const auto run = trace("nva", "data:81");
  lab_->ask("data", {"nft", "delete table ip t"});
  EXPECT_EQ(run.status, 3) << "Azure's rules know nothing of it";
  EXPECT_THAT(run.output, AllOf(HasSubstr("ICMP communication administratively prohibited"), HasSubstr("\n!! Azure's rules say refused")));
}

TEST_F(Trace, RefusesWhatItCannotAsk) {
  for (const auto& [from, to, words] : {std::tuple{"spoke", "data", "sends no packets of its own"},
                                        {"app", "nowhere", "neither an address nor a node"},
                                        {"app", "data:x", "is no target"},
                                        {"ap", "data", "did you mean 'app'"}}) {
    const auto run = trace(from, to);
    EXPECT_EQ(run.status, 2) << from << ' ' << to;
    EXPECT_THAT(run.errors, HasSubstr(words));
  }
}

}  // namespace
}  // namespace test
