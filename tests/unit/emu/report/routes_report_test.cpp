// SPDX-License-Identifier: Apache-2.0
#include "emu/report/routes_report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emu/semantics/resolve.hpp"
#include "tests/unit/emu/sample_model.hpp"

using emu::routes_json;
using emu::routes_table;
namespace sample = emu::sample;

namespace {

emu::EffectiveRoute user_route() {
  emu::EffectiveRoute route;
  route.name = "to-nva";
  route.source = emu::RouteSource::User;
  route.address_prefix = sample::prefixes({"0.0.0.0/0"});
  route.next_hop_type = emu::NextHopType::VirtualAppliance;
  route.next_hop_ip_address = {sample::address("10.0.2.4")};
  route.route_table = "via-nva";
  return route;
}

std::vector<emu::EffectiveRoute> routes() {
  emu::Model model;
  model.virtual_networks = {sample::network("a", {"10.0.0.0/16"}, {sample::subnet("default", {"10.0.0.0/24"})}),
                            sample::network("hub", {"10.1.0.0/16"})};
  model.virtual_networks[0].peerings = {sample::peering("a-to-hub", "hub")};
  model.virtual_networks[1].peerings = {sample::peering("hub-to-a", "a")};
  const auto resolved = resolve(model, nullptr).model;
  const auto& network = resolved.virtual_networks[0];
  auto out = effective_routes(resolved, network, network.subnets[0]);
  out.resize(3);
  out.back().state = emu::RouteState::Invalid;
  out.push_back(user_route());
  return out;
}

}  // namespace

// ER-4
TEST(RoutesTable, NamesThePeerAndTheUserDefinedRoute) {
  EXPECT_EQ(routes_table(routes()),
            "SOURCE    STATE     PREFIX        NEXT HOP TYPE      NEXT HOP\n"
            "Default   Active    10.0.0.0/16   VnetLocal\n"
            "Default   Active    10.1.0.0/16   VNetPeering        hub\n"
            "Default   Invalid   0.0.0.0/0     Internet\n"
            "User      Active    0.0.0.0/0     VirtualAppliance   10.0.2.4   via-nva/to-nva\n");
}

// ER-1, PEER-27: a peering's next hop address is empty, and what Azure does not say is not there
TEST(RoutesJson, HasTheShapeOfAzuresAnswer) {
  const auto json = nlohmann::ordered_json::parse(routes_json(routes()));
  EXPECT_EQ(json.size(), 1U);
  EXPECT_EQ(json["value"].size(), 4U);
  EXPECT_EQ(json["value"][1].dump(),
            R"({"name":null,"source":"Default","state":"Active","addressPrefix":["10.1.0.0/16"],"nextHopType":"VNetPeering",)"
            R"("nextHopIpAddress":[],"disableBgpRoutePropagation":false,"hasBgpOverride":false,"tagMap":{},"destinationServiceTags":[]})");
  EXPECT_EQ(json["value"][2]["state"], "Invalid");
  EXPECT_EQ(json["value"][3]["name"], "to-nva");
  EXPECT_EQ(json["value"][3]["nextHopIpAddress"].dump(), R"(["10.0.2.4"])");
  EXPECT_EQ(nlohmann::json::parse(routes_json({})).dump(), R"({"value":[]})");
}
