// SPDX-License-Identifier: Apache-2.0
#include "emu/report/next_hop_report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/emu/sample_model.hpp"

namespace sample = emu::sample;
using emu::EffectiveRoute;
using emu::NextHopType;

namespace {

emu::Model model() {
  emu::Model out;
  out.resource_group = "myrg";
  return out;
}

EffectiveRoute to_appliance() {
  EffectiveRoute route;
  route.name = "out";
  route.source = emu::RouteSource::User;
  route.next_hop_type = NextHopType::VirtualAppliance;
  route.next_hop_ip_address = {sample::address("10.0.2.4")};
  route.route_table = "via-nva";
  return route;
}

EffectiveRoute to_peer() {
  EffectiveRoute route;
  route.next_hop_type = NextHopType::VNetPeering;
  route.remote_virtual_network = "hub";
  return route;
}

std::string json_of(const EffectiveRoute* route) { return nlohmann::ordered_json::parse(next_hop_json(model(), route)).dump(); }

}  // namespace

// NW-1
TEST(NextHopJson, NamesTheTableOfAUserDefinedRoute) {
  const auto route = to_appliance();
  EXPECT_EQ(
      json_of(&route),
      R"({"nextHopType":"VirtualAppliance","nextHopIpAddress":"10.0.2.4","routeTableId":)"
      R"("/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/myrg/providers/Microsoft.Network/routeTables/via-nva"})");
}

// NW-1
TEST(NextHopJson, SaysSystemRouteForAllOthers) {
  const auto route = to_peer();
  EXPECT_EQ(json_of(&route), R"({"nextHopType":"VnetPeering","nextHopIpAddress":"","routeTableId":"System Route"})");
  EXPECT_EQ(json_of(nullptr), R"({"nextHopType":"None","nextHopIpAddress":"","routeTableId":"System Route"})");
}

TEST(NextHopText, NamesTheRouteAndWhoIsNext) {
  const auto appliance = to_appliance();
  EXPECT_EQ(next_hop_text(&appliance), "next hop type   VirtualAppliance\nnext hop        10.0.2.4\nroute           via-nva/out\n");
  const auto peer = to_peer();
  EXPECT_EQ(next_hop_text(&peer, "peering 'a' of 'b' is only Initiated: c"),
            "next hop type   VnetPeering\nnext hop        hub\nroute           System Route\npeering 'a' of 'b' is only Initiated: c\n");
  EXPECT_EQ(next_hop_text(&peer), "next hop type   VnetPeering\nnext hop        hub\nroute           System Route\n");
}
