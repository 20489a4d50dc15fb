// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/subnet_table.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "emu/fabric/router.hpp"
#include "emu/semantics/resolve.hpp"
#include "netns/netlink/requests.hpp"
#include "tests/unit/emu/sample_model.hpp"

namespace sample = emu::sample;
using emu::Model;
using emu::NextHopType;
using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

namespace {

/// spoke 10.1.0.0/16, whose subnet obeys the table, peered with hub 10.0.0.0/16; `fw` in the hub and `own` in the spoke forward.
Model model_of(std::vector<emu::UserDefinedRoute> routes) {
  Model model;
  model.lab = "lab";
  model.virtual_networks = {
      sample::network("hub", {"10.0.0.0/16"}, {sample::subnet("nva", {"10.0.2.0/24"})}),
      sample::network("spoke", {"10.1.0.0/16"}, {sample::subnet("app", {"10.1.0.0/24"}), sample::subnet("nva", {"10.1.2.0/24"})}),
      sample::network("stranger", {"10.9.0.0/16"}, {sample::subnet("nva", {"10.9.2.0/24"})})};
  model.virtual_networks[0].peerings = {sample::peering("hub-to-spoke", "spoke")};
  model.virtual_networks[1].peerings = {sample::peering("spoke-to-hub", "HUB")};
  model.virtual_networks[1].subnets[0].route_table = "table";
  model.route_tables = {sample::route_table("table", std::move(routes))};
  model.virtual_machines = {sample::with_private(sample::machine("fw", "hub", "nva"), "10.0.2.4"),
                            sample::with_private(sample::machine("own", "SPOKE", "nva"), "10.1.2.4"),
                            sample::with_private(sample::machine("far", "stranger", "nva"), "10.9.2.4"),
                            sample::with_private(sample::machine("plain", "hub", "nva"), "10.0.2.5")};
  for (std::size_t i = 0; i < 3; ++i) model.virtual_machines[i].ip_forwarding = true;
  return emu::resolve(model, nullptr).model;
}

std::vector<std::string> table(const Model& model) {
  const auto& spoke = model.virtual_networks[1];
  std::vector<std::string> lines;
  for (const auto& route : subnet_table(model, spoke, spoke.subnets[0], emu::Appliances(model, spoke))) {
    auto line = describe(route);
    lines.push_back(line.substr(0, line.find(" table ")));
  }
  return lines;
}

std::string by_hub(const Model& model, std::string_view device) {
  return " via " + to_string(emu::router_address(model.virtual_networks[0])) + " dev " + std::string(device);
}

}  // namespace

TEST(SubnetTable, LeadsToAnApplianceOfTheNetworkByItsBridge) {
  EXPECT_THAT(table(model_of({sample::route("r", "10.2.0.0/16", NextHopType::VirtualAppliance, "10.1.2.4")})),
              Contains("10.2.0.0/16 via 10.1.2.4 dev br-nva"));
}

TEST(SubnetTable, LeadsToAnApplianceOfTheNetworkWithoutAnotherLink) {
  const auto model = model_of({sample::route("r", "10.2.0.0/16", NextHopType::VirtualAppliance, "10.1.2.4")});
  for (const auto& network : model.virtual_networks) {
    const auto transits = emu::transits_of(model, network);
    EXPECT_THAT(transits.starts, testing::IsEmpty()) << network.name;
    EXPECT_THAT(transits.ends, testing::IsEmpty()) << network.name;
  }
}

// UDR-7, PEER-15
TEST(SubnetTable, LeadsToAnApplianceInAPeerByALinkOfItsOwn) {
  const auto model = model_of({sample::route("r", "10.2.0.0/16", NextHopType::VirtualAppliance, "10.0.2.4")});
  EXPECT_THAT(table(model), Contains("10.2.0.0/16" + by_hub(model, "via-10.0.2.4")));
  const auto spoke = build_router(model, model.virtual_networks[1]);
  const auto hub = build_router(model, model.virtual_networks[0]);
  ASSERT_TRUE(spoke.links.contains("via-10.0.2.4"));
  const auto end = spoke.links.at("via-10.0.2.4").peer.value();
  EXPECT_EQ(end.name_space, "lab.hub");
  ASSERT_TRUE(hub.links.contains(end.link));
  EXPECT_THAT(hub.rules, Contains(netns::Rule{1000, end.link, 0x0a000204}));
  EXPECT_THAT(hub.routes, Contains(netns::Route{.table = 0x0a000204,
                                                .destination = {},
                                                .type = netns::RouteType::Unicast,
                                                .device = "br-nva",
                                                .gateway = sample::address("10.0.2.4")}));
}

// UDR-7, UDR-8, UDR-12: the row is Active and the packets go nowhere
TEST(SubnetTable, BlackholesANextHopThatPassesNothingOn) {
  for (const auto* hop : {"10.0.2.5", "10.0.2.77", "10.1.0.77", "10.9.2.4", "8.8.8.8"}) {
    const auto model = model_of({sample::route("r", "10.2.0.0/16", NextHopType::VirtualAppliance, hop)});
    EXPECT_THAT(table(model), Contains("blackhole 10.2.0.0/16")) << hop;
    EXPECT_THAT(build_router(model, model.virtual_networks[1]).links, Not(Contains(testing::Key(HasSubstr("via-"))))) << hop;
  }
  EXPECT_THAT(table(model_of({sample::route("r", "10.2.0.0/16", NextHopType::VirtualNetworkGateway)})), Contains("blackhole 10.2.0.0/16"));
}

// UDR-12
TEST(SubnetTable, LeadsToTheGatewayThatServesTheNetwork) {
  auto model = model_of({sample::route("r", "192.168.0.0/16", NextHopType::VirtualNetworkGateway)});
  auto& hub = model.virtual_networks[0];
  hub.subnets.push_back(sample::subnet("GatewaySubnet", {"10.0.255.0/27"}));
  hub.peerings[0].allow_gateway_transit = true;
  model.virtual_networks[1].peerings[0].use_remote_gateways = true;
  emu::VirtualNetworkGateway gateway;
  gateway.name = "gw";
  gateway.virtual_network = "hub";
  model.virtual_network_gateways = {gateway};
  model = emu::resolve(model, nullptr).model;
  EXPECT_THAT(table(model), Contains("192.168.0.0/16" + by_hub(model, "peer-hub")));
  model.virtual_networks[0].subnets[0].route_table = "table";
  const auto& own = model.virtual_networks[0];
  const auto routes = subnet_table(model, own, own.subnets[0], emu::Appliances(model, own));
  EXPECT_TRUE(
      std::ranges::any_of(routes, [](const auto& route) { return describe(route).starts_with("192.168.0.0/16 via 10.0.255.4 dev br-"); }));
}

// UDR-8: what is addressed to the machine itself is no business of its forwarding
TEST(SubnetTable, StillDeliversToANextHopThatPassesNothingOn) {
  const auto model = model_of({sample::route("peer", "10.0.0.0/16", NextHopType::VirtualAppliance, "10.0.2.5"),
                               sample::route("own", "10.1.0.0/16", NextHopType::VirtualAppliance, "10.1.0.77")});
  EXPECT_THAT(table(model),
              IsSupersetOf(std::vector<std::string>{"blackhole 10.0.0.0/16", "10.0.2.5/32" + by_hub(model, "peer-hub"),
                                                    std::string("blackhole 10.1.0.0/16"), std::string("throw 10.1.0.77/32")}));
}

// UDR-10, UDR-11
TEST(SubnetTable, HasThePlainNextHops) {
  EXPECT_THAT(
      table(model_of({sample::route("a", "10.2.0.0/16", NextHopType::VnetLocal), sample::route("b", "10.3.0.0/16", NextHopType::Internet),
                      sample::route("c", "0.0.0.0/0", NextHopType::None)})),
      IsSupersetOf({"throw 10.2.0.0/16", "10.3.0.0/16 via 169.254.0.1 dev internet", "blackhole default"}));
}

// DEF-3
TEST(SubnetTable, LetsNoRouteLeadToThePlatformsAddresses) {
  const auto found = table(model_of({sample::route("a", "0.0.0.0/0", NextHopType::VirtualAppliance, "10.1.2.4"),
                                     sample::route("b", "169.254.169.254/32", NextHopType::Internet),
                                     sample::route("c", "169.254.0.0/16", NextHopType::Internet)}));
  EXPECT_THAT(found, IsSupersetOf({"blackhole 169.254.0.0/16", "blackhole 168.63.129.16/32"}));
  EXPECT_THAT(found, Not(Contains(HasSubstr("169.254.169.254"))));
}
