// SPDX-License-Identifier: Apache-2.0
// tests/scenario/matrix_test.cpp — the matrix finds what was built otherwise than meant, and what it found once stays mended.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/scenario/lab.hpp"

namespace test {
namespace {

using testing::HasSubstr;

nlohmann::json matrix_of(const Lab& lab, int status) {
  const auto run = lazuli({"verify", lab.name(), "--matrix", "--json"});
  EXPECT_EQ(run.status, status) << run.output << run.errors;
  return nlohmann::json::parse(run.output, nullptr, false);
}

constexpr std::string_view kPair = R"(
virtual_networks:
  - name: net
    address_space: [10.0.0.0/16]
    subnets: [{name: default, address_prefixes: [10.0.0.0/24]}]
virtual_machines:
  - {name: vm1, subnet: net/default}
  - {name: vm2, subnet: net/default, web: 80}
)";

TEST(Matrix, FindsWhatIsOtherwiseThanTheRulesSay) {
  const Lab lab;
  lab.build(kPair);
  EXPECT_EQ(matrix_of(lab, 0)["disagreements"], 0);

  lab.ask("vm2", {"nft", "add table ip t; add chain ip t in { type filter hook input priority 0; }; add rule ip t in tcp dport 80 drop"});
  const auto junit = (lab.folder() / "matrix.xml").string();
  const auto html = (lab.folder() / "matrix.html").string();
  const auto broken = lazuli({"verify", lab.name(), "--matrix", "--junit", junit, "--html", html});
  EXPECT_EQ(broken.status, 3);
  EXPECT_THAT(broken.output, HasSubstr("vm1 -> vm2  tcp/80\n    predicted  reachable: "));
  EXPECT_THAT(broken.output, HasSubstr("measured   blocked"));
  EXPECT_THAT(broken.output, HasSubstr(", 1 disagreement "));
  EXPECT_THAT(read_file(junit), HasSubstr("failures=\"1\""));
  EXPECT_THAT(read_file(html), HasSubstr("1 disagreements"));

  lab.ask("vm2", {"nft", "delete table ip t"});
  EXPECT_EQ(matrix_of(lab, 0)["disagreements"], 0);
}

// What cannot be asked is no disagreement.
TEST(Matrix, AsksFewerAtATimeWhereDescriptorsAreFew) {
  std::string machines = "virtual_machines:\n";
  for (int i = 0; i < 16; ++i) machines += fmt::format("  - {{name: vm{}, subnet: net/default, web: 80}}\n", i);
  const std::string_view network = kPair.substr(0, kPair.find("virtual_machines:"));
  const Lab lab;
  lab.build(std::string(network) + machines);
  for (const auto* limit : {"-Sn 32", "-n 32", "-n 20"}) {
    const auto run =
        run_apart({"/bin/bash", "-c", fmt::format("ulimit {}; exec {} verify {} --matrix --json", limit, lazuli_path(), lab.name())});
    EXPECT_EQ(run.status, 0) << limit << run.errors;
    const auto matrix = nlohmann::json::parse(run.output, nullptr, false);
    EXPECT_EQ(matrix["disagreements"], 0) << limit;
    EXPECT_EQ(matrix["notAsked"], 0) << limit;
  }
}

TEST(Matrix, IsNotMadeOfALabThatLacksAMachine) {
  const Lab lab;
  lab.build(kPair);
  ASSERT_EQ(run_apart({"/usr/bin/env", "ip", "netns", "del", lab.namespace_of("vm1")}).status, 0);
  const auto run = lazuli({"verify", lab.name(), "--matrix"});
  EXPECT_EQ(run.status, 1);
  EXPECT_EQ(run.output, "");
  EXPECT_THAT(run.errors, HasSubstr("cannot be measured"));
  EXPECT_THAT(run.errors, HasSubstr("vm1"));
}

TEST(Matrix, WritesAPageOfAMatrixOnly) {
  const auto run = lazuli({"verify", "--html", "x.html"});
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.errors, HasSubstr("--matrix"));
}

// DEF-2, NSG-11, PIP-13, UDR-9: answers that take another way than their questions, also between public addresses of one network.
TEST(Matrix, HoldsWhereAnswersTakeAnotherWay) {
  const Lab lab;
  lab.build(R"(
virtual_networks:
  - name: net
    address_space: [10.0.0.0/16]
    subnets:
      - {name: a, address_prefixes: [10.0.0.0/24], route_table: via, network_security_group: plain}
      - {name: b, address_prefixes: [10.0.1.0/24]}
      - {name: nva, address_prefixes: [10.0.2.0/24], network_security_group: strict}
      - {name: loop, address_prefixes: [10.0.4.0/24], route_table: loops}
      - {name: shut, address_prefixes: [10.0.5.0/24], route_table: via, network_security_group: shut}
route_tables:
  - name: via
    routes:
      - {name: net, address_prefix: 10.0.0.0/16, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.2.4}
      - {name: out, address_prefix: 0.0.0.0/0, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.2.4}
  - name: loops
    routes: [{name: net, address_prefix: 10.0.0.0/16, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.4.4}]
network_security_groups:
  - {name: plain}
  - name: strict
    security_rules:
      - {name: no-b, priority: 100, direction: Inbound, access: Deny, protocol: '*', source_address_prefix: 10.0.1.0/24}
  - name: shut
    security_rules: [{name: nobody, priority: 100, direction: Inbound, access: Deny, protocol: '*'}]
virtual_machines:
  - {name: vs, subnet: net/shut}
  - {name: va, subnet: net/a, web: 80, public_ip_address: 203.0.113.10, public_ip_address_sku: Basic}
  - {name: vb, subnet: net/b, web: 80, public_ip_address: 203.0.113.11, public_ip_address_sku: Basic}
  - {name: nva, subnet: net/nva, private_ip_address: 10.0.2.4, ip_forwarding: true, public_ip_address: 203.0.113.12, public_ip_address_sku: Basic}
  - {name: circle, subnet: net/loop, private_ip_address: 10.0.4.4, ip_forwarding: true}
  - {name: vl, subnet: net/loop, web: 80}
internet:
  hosts: [{name: laptop, ip_address: 203.0.113.200, web: 80}]
)");
  EXPECT_EQ(matrix_of(lab, 0)["disagreements"], 0);
}

// PEER-16, PEER-17, PIP-6: the flags of peerings on machines with groups and without.
TEST(Matrix, HoldsForTheFlagsOfPeerings) {
  const Lab lab;
  lab.build(R"(
virtual_networks:
  - name: hub
    address_space: [10.0.0.0/16]
    subnets:
      - {name: default, address_prefixes: [10.0.0.0/24]}
      - {name: nva, address_prefixes: [10.0.2.0/24], network_security_group: plain}
    peerings:
      - {name: to-s1, remote_virtual_network: s1}
      - {name: to-s2, remote_virtual_network: s2, allow_virtual_network_access: false}
      - {name: to-s3, remote_virtual_network: s3, allow_forwarded_traffic: true}
  - name: s1
    address_space: [10.1.0.0/16]
    subnets: [{name: app, address_prefixes: [10.1.0.0/24], route_table: via}]
    peerings: [{name: to-hub, remote_virtual_network: hub, allow_forwarded_traffic: true}]
  - name: s2
    address_space: [10.2.0.0/16]
    subnets:
      - {name: app, address_prefixes: [10.2.0.0/24], route_table: via}
      - {name: sec, address_prefixes: [10.2.1.0/24], network_security_group: named}
    peerings: [{name: to-hub, remote_virtual_network: hub}]
  - name: s3
    address_space: [10.3.0.0/16]
    subnets:
      - {name: app, address_prefixes: [10.3.0.0/24], route_table: via}
      - {name: sec, address_prefixes: [10.3.1.0/24], network_security_group: named, route_table: via}
    peerings: [{name: to-hub, remote_virtual_network: hub, allow_virtual_network_access: false, allow_forwarded_traffic: true}]
route_tables:
  - name: via
    routes: [{name: nets, address_prefix: 10.0.0.0/8, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.2.4}]
network_security_groups:
  - {name: plain}
  - name: named
    security_rules:
      - {name: s1, priority: 100, direction: Inbound, access: Allow, protocol: '*', source_address_prefix: 10.1.0.0/16}
      - {name: hub, priority: 110, direction: Inbound, access: Allow, protocol: Tcp, source_address_prefix: 10.0.0.0/16}
      - {name: out, priority: 110, direction: Outbound, access: Allow, protocol: Tcp, destination_address_prefix: 10.0.0.0/16}
virtual_machines:
  - {name: h, subnet: hub/default, web: 80, public_ip_address: 203.0.113.20}
  - {name: nva, subnet: hub/nva, private_ip_address: 10.0.2.4, ip_forwarding: true}
  - {name: a1, subnet: s1/app, web: 80}
  - {name: a2, subnet: s2/app, web: 80}
  - {name: x2, subnet: s2/sec, web: 80}
  - {name: a3, subnet: s3/app, web: 80}
  - {name: x3, subnet: s3/sec, web: 80, public_ip_address: 203.0.113.21}
internet:
  hosts: [{name: laptop, ip_address: 203.0.113.200, web: 80}]
)");
  EXPECT_EQ(matrix_of(lab, 0)["disagreements"], 0);
}

// Each asks each: the kernel's table of neighbours, one for all namespaces and the host, is not to fill up by that.
TEST(Matrix, OfFiftyMachinesInOneSubnetTakesLessThanTwentySeconds) {
  const Lab lab;
  std::string body =
      "virtual_networks: [{name: net, address_space: [10.0.0.0/16], subnets: [{name: s, address_prefixes: [10.0.0.0/24]}]}]\n"
      "virtual_machines:\n";
  for (std::size_t i = 0; i < 50; ++i) body += fmt::format("  - {{name: vm{}, subnet: net/s}}\n", i);
  lab.build(body);
  const auto report = matrix_of(lab, 0);
  EXPECT_EQ(report["pairs"], 2450);
  EXPECT_EQ(report["probes"], 4900);
  EXPECT_LT(report["seconds"], 20.0);
  RecordProperty("seconds", std::to_string(report["seconds"].get<double>()));
}

}  // namespace
}  // namespace test
