// SPDX-License-Identifier: Apache-2.0
// tests/scenario/appliance_test.cpp — user-defined routes through an appliance: in a peer (the six steps of azure-semantics 4.5),
// in the same network, and on the way to the internet.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenario/lab.hpp"

namespace test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct HubAndSpokes {
  bool route_from_spoke1 = false;
  bool route_from_spoke2 = false;
  bool ip_forwarding = false;
  bool allow_forwarded_traffic = true;
  std::string more_routes = {};
};

/// A hub with an appliance, and two spokes with one machine each.
std::string hub_and_spokes(const HubAndSpokes& is) {
  return fmt::format(R"(
virtual_networks:
  - name: hub
    address_space: [10.0.0.0/16]
    subnets: [{{name: nva, address_prefixes: [10.0.2.0/24]}}]
    peerings: [{{name: hub-to-spoke1, remote_virtual_network: spoke1}}, {{name: hub-to-spoke2, remote_virtual_network: spoke2}}]
  - name: spoke1
    address_space: [10.1.0.0/16]
    subnets: [{{name: app, address_prefixes: [10.1.0.0/24]{0}}}]
    peerings: [{{name: spoke1-to-hub, remote_virtual_network: hub, allow_forwarded_traffic: {2}}}]
  - name: spoke2
    address_space: [10.2.0.0/16]
    subnets: [{{name: app, address_prefixes: [10.2.0.0/24]{1}}}]
    peerings: [{{name: spoke2-to-hub, remote_virtual_network: hub, allow_forwarded_traffic: {2}}}]
route_tables:
  - name: from-spoke1
    routes:
      - {{name: to-spoke2, address_prefix: 10.2.0.0/16, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.2.4}}
{4}  - name: from-spoke2
    routes: [{{name: to-spoke1, address_prefix: 10.1.0.0/16, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.2.4}}]
virtual_machines:
  - {{name: nva, subnet: hub/nva, private_ip_address: 10.0.2.4, ip_forwarding: {3}}}
  - {{name: app1, subnet: spoke1/app, private_ip_address: 10.1.0.4}}
  - {{name: app2, subnet: spoke2/app, private_ip_address: 10.2.0.4, web: 80}}
checks:
  - {{from: app1, ping: app2, expect: reachable, path: appliance}}
)",
                     is.route_from_spoke1 ? ", route_table: from-spoke1" : "", is.route_from_spoke2 ? ", route_table: from-spoke2" : "",
                     is.allow_forwarded_traffic, is.ip_forwarding, is.more_routes);
}

nlohmann::json next_hop(const Lab& lab, const std::string& node, const std::string& address) {
  return nlohmann::json::parse(lazuli({"next-hop", "-l", lab.name(), node, address, "--json"}).output);
}

/// Pings `address` from `node` and says what `where` saw of it.
std::vector<std::string> seen_at(const Lab& lab, const std::string& where, const std::string& node, const std::string& address) {
  Capture capture{lab, where};
  lab.exec(node, {"ping", "-n", "-c", "2", "-i", "0.2", "-W", "0.5", address});
  return capture.packets("icmp");
}

// The six steps of section 4.5, each in the lab that the one before it left.
TEST(HubWithAppliance, WorksOnlyWhenAllOfItsPartsAreThere) {
  const Lab lab;
  HubAndSpokes is;

  lab.build(hub_and_spokes(is));
  EXPECT_TRUE(lab.reaches("app1", "10.0.2.4")) << "1: peered with the hub";
  EXPECT_TRUE(lab.finds_silence("app1", "10.2.0.4")) << "1: and with nobody else (PEER-13)";
  EXPECT_EQ(next_hop(lab, "app1", "10.2.0.4")["nextHopType"], "None");

  is.route_from_spoke1 = true;
  lab.build(hub_and_spokes(is));
  EXPECT_TRUE(lab.finds_silence("app1", "10.2.0.4")) << "2: the appliance's NIC does not forward (UDR-8)";
  EXPECT_TRUE(lab.reaches("app1", "10.0.2.4")) << "2: what is for the appliance itself arrives";
  EXPECT_EQ(next_hop(lab, "app1", "10.2.0.4"),
            nlohmann::json::parse(fmt::format(R"({{"nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.2.4", "routeTableId":
              "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/{}/providers/Microsoft.Network/routeTables/from-spoke1"}})",
                                              lab.name())));

  is.ip_forwarding = true;
  lab.build(hub_and_spokes(is));
  lab.ask("nva", {"sysctl", "-w", "net.ipv4.ip_forward=0"});
  EXPECT_THAT(seen_at(lab, "nva", "app1", "10.2.0.4"), Contains(HasSubstr("10.1.0.4 > 10.2.0.4: ICMP echo request")));
  EXPECT_TRUE(lab.finds_silence("app1", "10.2.0.4")) << "3: the appliance's system does not forward";

  lab.build(hub_and_spokes(is));  // puts the switch right
  const auto at_app2 = seen_at(lab, "app2", "app1", "10.2.0.4");
  EXPECT_THAT(at_app2, Contains(HasSubstr("10.1.0.4 > 10.2.0.4: ICMP echo request"))) << "4: the request arrives";
  EXPECT_TRUE(lab.finds_silence("app1", "10.2.0.4")) << "4: the reply has no way back";

  is.route_from_spoke2 = true;
  lab.build(hub_and_spokes(is));
  EXPECT_TRUE(lab.reaches("app1", "10.2.0.4")) << "5: both ways";
  EXPECT_TRUE(lab.reaches("app2", "10.1.0.4"));
  EXPECT_EQ(lab.page("app1", "10.2.0.4"), "app2 (10.2.0.4) says hello to 10.1.0.4\n");
  EXPECT_EQ(lab.verify()["checks"][0]["path"], "appliance");
  EXPECT_EQ(lab.verify()["failed"], 0);

  is.allow_forwarded_traffic = false;
  lab.build(hub_and_spokes(is));
  EXPECT_TRUE(lab.reaches("app1", "10.2.0.4")) << "5: the flag is no block (PEER-17)";

  is.more_routes = "      - {name: wide, address_prefix: 10.0.0.0/8, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.2.4}\n";
  lab.build(hub_and_spokes(is));
  const auto routes = lazuli({"routes", "-l", lab.name(), "app1"}).output;
  EXPECT_THAT(routes, HasSubstr("User      Active    10.0.0.0/8")) << "6";
  EXPECT_THAT(routes, HasSubstr("Default   Invalid   10.0.0.0/8")) << "6: instead of the system's route to None";
}

// PEER-14: the appliance decides what happens to what passes it; the hub's own routes do not.
TEST(HubWithAppliance, SeesEveryPacketBetweenTheSpokes) {
  const Lab lab;
  lab.build(hub_and_spokes({.route_from_spoke1 = true, .route_from_spoke2 = true, .ip_forwarding = true}));
  ASSERT_TRUE(lab.reaches("app1", "10.2.0.4"));
  lab.ask("nva", {"nft", "add table ip t; add chain ip t f { type filter hook forward priority 0; policy drop; }"});
  EXPECT_TRUE(lab.finds_silence("app1", "10.2.0.4"));
  EXPECT_TRUE(lab.finds_silence("app2", "10.1.0.4"));
  lab.ask("nva", {"nft", "flush", "ruleset"});
  EXPECT_TRUE(lab.reaches("app1", "10.2.0.4"));
}

TEST(HubWithAppliance, LeavesNothingOfTheWayWhenTheRoutesGo) {
  const Lab lab;
  HubAndSpokes is{.ip_forwarding = true};
  lab.build(hub_and_spokes(is));
  const auto before = kernel_state_of(lab.name());
  is.route_from_spoke1 = is.route_from_spoke2 = true;
  lab.build(hub_and_spokes(is));
  EXPECT_THAT(differences(before, kernel_state_of(lab.name())), Not(IsEmpty()));
  EXPECT_THAT(lazuli({"up", lab.file(hub_and_spokes(is))}).output, HasSubstr("nothing to do"));
  is.route_from_spoke1 = is.route_from_spoke2 = false;
  lab.build(hub_and_spokes(is));
  EXPECT_THAT(differences(before, kernel_state_of(lab.name())), IsEmpty());
}

/// One network: a client, a server and an appliance, each in a subnet of its own; the server's answers may go another way.
std::string one_network(std::string_view table_of_client, std::string_view table_of_server, std::string_view routes) {
  return fmt::format(R"(
virtual_networks:
  - name: net
    address_space: [10.0.0.0/16]
    subnets:
      - {{name: client, address_prefixes: [10.0.0.0/24]{}}}
      - {{name: server, address_prefixes: [10.0.1.0/24]{}}}
      - {{name: nva, address_prefixes: [10.0.2.0/24]}}
virtual_machines:
  - {{name: client, subnet: net/client, private_ip_address: 10.0.0.4}}
  - {{name: neighbour, subnet: net/client, private_ip_address: 10.0.0.5}}
  - {{name: server, subnet: net/server, private_ip_address: 10.0.1.4, public_ip_address: 203.0.113.61, public_ip_address_sku: Basic, web: 80}}
  - {{name: nva, subnet: net/nva, private_ip_address: 10.0.2.4, public_ip_address: 203.0.113.62, public_ip_address_sku: Basic, ip_forwarding: true}}
internet:
  hosts: [{{name: laptop, ip_address: 203.0.113.200, web: 80}}]
route_tables:
  - name: via-nva
    routes:
{}
)",
                     table_of_client, table_of_server, routes);
}

constexpr std::string_view kUse = ", route_table: via-nva";
constexpr std::string_view kServerViaNva =
    "      - {name: server, address_prefix: 10.0.1.0/24, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.2.4}\n";
constexpr std::string_view kNetworkViaNva =
    "      - {name: all, address_prefix: 10.0.0.0/16, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.2.4}\n";
constexpr std::string_view kInternetViaNva =
    "      - {name: out, address_prefix: 0.0.0.0/0, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.2.4}\n";

// UDR-13: the route is the sender's. A reply goes as its own sender's routes say, and connections live with that.
TEST(Appliance, InOneNetworkSeesOneDirectionWhenOnlyOneSideRoutesThroughIt) {
  const Lab lab;
  lab.build(one_network("", "", kServerViaNva));
  EXPECT_THAT(seen_at(lab, "nva", "client", "10.0.1.4"), IsEmpty()) << "a table has no effect until a subnet names it (UDR-5)";

  lab.build(one_network(kUse, "", kServerViaNva));
  const auto at_nva = seen_at(lab, "nva", "client", "10.0.1.4");
  EXPECT_THAT(at_nva, Contains(HasSubstr("10.0.0.4 > 10.0.1.4: ICMP echo request")));
  EXPECT_THAT(at_nva, Not(Contains(HasSubstr("echo reply"))));
  EXPECT_EQ(lab.page("client", "10.0.1.4"), "server (10.0.1.4) says hello to 10.0.0.4\n");
}

// SEL-5, UDR-10: a route for the whole block overrides the network's own, and VnetLocal exempts a part of it.
TEST(Appliance, ARouteForTheWholeBlockTakesNeighboursThroughItToo) {
  const Lab lab;
  lab.build(one_network(kUse, kUse, kNetworkViaNva));
  EXPECT_THAT(seen_at(lab, "nva", "client", "10.0.0.5"), Contains(HasSubstr("10.0.0.4 > 10.0.0.5: ICMP echo request"))) << "of one subnet";
  EXPECT_EQ(lab.page("client", "10.0.1.4"), "server (10.0.1.4) says hello to 10.0.0.4\n");

  lab.build(one_network(kUse, kUse,
                        std::string(kNetworkViaNva) + "      - {name: own, address_prefix: 10.0.0.0/24, next_hop_type: VnetLocal}\n"));
  EXPECT_THAT(seen_at(lab, "nva", "client", "10.0.0.5"), IsEmpty());
  EXPECT_TRUE(lab.reaches("client", "10.0.0.5"));
  EXPECT_THAT(seen_at(lab, "nva", "client", "10.0.1.4"), Not(IsEmpty()));
}

// UDR-11: None drops without a word. UDR-12 without a gateway, and UDR-7, a next hop that is nowhere: likewise.
TEST(UserDefinedRoutes, ThatLeadNowhereDropSilently) {
  const Lab lab;
  const auto to_server = [](std::string_view hop) { return fmt::format("      - {{name: r, address_prefix: 10.0.1.4/32, {}}}\n", hop); };
  lab.build(one_network("", "", to_server("next_hop_type: None")));
  ASSERT_TRUE(lab.reaches("client", "10.0.1.4"));
  for (const auto* hop :
       {"next_hop_type: None", "next_hop_type: VirtualNetworkGateway", "next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.2.77",
        "next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.7.0.4",
        "next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.0.5"}) {
    lab.build(one_network(kUse, "", to_server(hop)));
    EXPECT_TRUE(lab.finds_silence("client", "10.0.1.4")) << hop;
    EXPECT_THAT(lazuli({"routes", "-l", lab.name(), "client"}).output, HasSubstr("User      Active   10.0.1.4/32")) << hop;
  }
}

// DEF-1: the appliance is the way out, and its own address is what the internet sees when it translates.
TEST(DefaultRoute, ThroughAnApplianceLeavesByItsPublicAddressWhenItTranslates) {
  const Lab lab;
  lab.build(one_network(kUse, "", kInternetViaNva));
  EXPECT_THAT(seen_at(lab, "nva", "client", "203.0.113.200"), Contains(HasSubstr("10.0.0.4 > 203.0.113.200: ICMP echo request")));
  EXPECT_TRUE(lab.finds_silence("client", "203.0.113.200")) << "nobody translates for what the appliance only passes on";
  lab.ask("nva", {"nft", "add table ip t; add chain ip t p { type nat hook postrouting priority 100; }; add rule ip t p masquerade"});
  EXPECT_TRUE(lab.reaches("client", "203.0.113.200"));
  EXPECT_EQ(lab.page("client", "203.0.113.200"), "laptop (203.0.113.200) says hello to 203.0.113.62\n");
}

// DEF-2: the reply to what came in by the public address leaves by the appliance, which has another one.
TEST(DefaultRoute, ThroughAnApplianceEndsWhatComesInByThePublicAddress) {
  const Lab lab;
  lab.build(one_network("", "", kInternetViaNva));
  ASSERT_TRUE(lab.reaches("laptop", "203.0.113.61"));
  ASSERT_EQ(lab.page("laptop", "203.0.113.61"), "server (10.0.1.4) says hello to 203.0.113.200\n");

  lab.build(one_network("", kUse, kInternetViaNva));
  EXPECT_THAT(seen_at(lab, "server", "laptop", "203.0.113.61"), Contains(HasSubstr("203.0.113.200 > 10.0.1.4: ICMP echo request")));
  EXPECT_TRUE(lab.finds_silence("laptop", "203.0.113.61"));
  EXPECT_EQ(lab.page("laptop", "203.0.113.61"), "");
}

}  // namespace
}  // namespace test
