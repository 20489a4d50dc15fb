// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/user_defined_routes.hpp"

#include <gmock/gmock.h>

#include "emu/semantics/changes.hpp"
#include "emu/semantics/next_hop.hpp"
#include "emu/semantics/resolve.hpp"
#include "emu/semantics/route_precedence.hpp"
#include "emu/semantics/service_tags.hpp"
#include "tests/unit/emu/sample_model.hpp"

using emu::EffectiveRoute;
using emu::Model;
using emu::NextHopType;
using emu::RouteSource;
using testing::Contains;
using testing::ElementsAre;
namespace sample = emu::sample;

namespace {

/// a 10.0.0.0/16, whose first subnet obeys the table, peered with b 10.1.0.0/16
Model model_with(std::vector<emu::UserDefinedRoute> routes) {
  Model model;
  model.virtual_networks = {
      sample::network("a", {"10.0.0.0/16"}, {sample::subnet("app", {"10.0.0.0/24"}), sample::subnet("other", {"10.0.1.0/24"})}),
      sample::network("b", {"10.1.0.0/16"}, {sample::subnet("default", {"10.1.0.0/24"})})};
  model.virtual_networks[0].peerings = {sample::peering("a-to-b", "b")};
  model.virtual_networks[1].peerings = {sample::peering("b-to-a", "a")};
  model.virtual_networks[0].subnets[0].route_table = "TABLE";
  model.route_tables = {sample::route_table("table", std::move(routes))};
  return emu::resolve(model, nullptr).model;
}

std::vector<EffectiveRoute> rows(const Model& model, std::size_t subnet = 0) {
  const auto& network = model.virtual_networks[0];
  return effective_routes(model, network, network.subnets[subnet]);
}

std::string row_text(const EffectiveRoute& row) {
  auto out =
      std::string(to_string(row.state)) + ' ' + to_string(row.address_prefix.front()) + ' ' + std::string(to_string(row.next_hop_type));
  if (!row.next_hop_ip_address.empty()) out += ' ' + to_string(row.next_hop_ip_address.front());
  return out;
}

std::vector<std::string> row_texts(const std::vector<EffectiveRoute>& all) {
  std::vector<std::string> out;
  for (const auto& row : all) out.push_back(row_text(row));
  return out;
}

std::string way_to(const Model& model, std::string_view destination) {
  const auto all = rows(model);
  return row_text(*route_to(all, sample::address(destination)));
}

}  // namespace

// UDR-5; SEL-2 for 0.0.0.0/0
TEST(UserDefinedRoutes, StandBeforeTheSystemsAndMakeThemInvalid) {
  const auto model = model_with({sample::route("out", "0.0.0.0/0", NextHopType::VirtualAppliance, "10.1.0.4")});
  EXPECT_THAT(row_texts(rows(model)),
              ElementsAre("Active 10.0.0.0/16 VnetLocal", "Active 10.1.0.0/16 VNetPeering", "Active 0.0.0.0/0 VirtualAppliance 10.1.0.4",
                          "Invalid 0.0.0.0/0 Internet", "Active 10.0.0.0/8 None", "Active 172.16.0.0/12 None", "Active 192.168.0.0/16 None",
                          "Active 100.64.0.0/10 None"));
  EXPECT_THAT(row_texts(rows(model, 1)), Contains("Active 0.0.0.0/0 Internet")) << "the other subnet has no table";
  EXPECT_EQ(rows(model)[2].name, "out");
  EXPECT_EQ(rows(model)[2].route_table, "table");
}

// SEL-5: for exactly the VNet's or a peer's block; SEL-1: a wider one changes nothing there
TEST(UserDefinedRoutes, OverrideABlockOnlyWhenTheyAreForExactlyThat) {
  const auto exact =
      model_with({sample::route("own", "10.0.0.0/16", NextHopType::None), sample::route("peer", "10.1.0.0/16", NextHopType::None)});
  EXPECT_THAT(row_texts(rows(exact)), Contains("Invalid 10.0.0.0/16 VnetLocal"));
  EXPECT_THAT(row_texts(rows(exact)), Contains("Invalid 10.1.0.0/16 VNetPeering"));
  const auto wider = model_with({sample::route("wide", "10.0.0.0/8", NextHopType::VirtualAppliance, "10.0.1.4")});
  EXPECT_EQ(way_to(wider, "10.0.1.9"), "Active 10.0.0.0/16 VnetLocal");
  EXPECT_EQ(way_to(wider, "10.1.0.4"), "Active 10.1.0.0/16 VNetPeering");
  EXPECT_EQ(way_to(wider, "10.2.0.4"), "Active 10.0.0.0/8 VirtualAppliance 10.0.1.4");
  EXPECT_THAT(row_texts(rows(wider)), Contains("Invalid 10.0.0.0/8 None"));
}

// SEL-1, UDR-10
TEST(UserDefinedRoutes, ALongerPrefixExemptsFromAShorterOne) {
  const auto model = model_with({sample::route("all", "10.0.0.0/16", NextHopType::VirtualAppliance, "10.1.0.4"),
                                 sample::route("own", "10.0.0.0/24", NextHopType::VnetLocal)});
  EXPECT_EQ(way_to(model, "10.0.0.9"), "Active 10.0.0.0/24 VnetLocal");
  EXPECT_EQ(way_to(model, "10.0.1.9"), "Active 10.0.0.0/16 VirtualAppliance 10.1.0.4");
}

// UDR-6
TEST(UserDefinedRoutes, WithoutPropagationTakeTheGatewaysAway) {
  auto model = model_with({sample::route("on-premises", "192.168.0.0/16", NextHopType::VirtualNetworkGateway)});
  const auto& subnet = model.virtual_networks[0].subnets[0];
  const auto with_gateway = [&] {
    std::vector<EffectiveRoute> all(1);
    all[0].source = RouteSource::VirtualNetworkGateway;
    all[0].next_hop_type = NextHopType::VirtualNetworkGateway;
    all[0].address_prefix = sample::prefixes({"192.168.0.0/16"});
    add_user_defined_routes(all, model, subnet);
    apply_route_propagation(all, model, subnet);
    return all;
  };
  EXPECT_EQ(with_gateway().size(), 2U);
  model.route_tables[0].bgp_route_propagation_enabled = false;
  ASSERT_EQ(with_gateway().size(), 1U) << "the user's own route to the gateway stays";
  EXPECT_EQ(with_gateway()[0].source, RouteSource::User);
  EXPECT_TRUE(with_gateway()[0].disable_bgp_route_propagation);
}

// UDR-15
TEST(UserDefinedRoutes, APrefixBeatsATagAndANarrowTagAWideOne) {
  const std::vector routes{
      sample::route("cloud", "AzureCloud", NextHopType::None), sample::route("cloud-west", "AzureCloud.WestUS", NextHopType::Internet),
      sample::route("storage", "Storage", NextHopType::None), sample::route("storage-west", "storage.westus", NextHopType::Internet)};
  EXPECT_EQ(way_to(model_with(routes), "198.19.0.4"), "Active 198.19.0.0/18 Internet") << "its own range before all of the cloud's";
  EXPECT_EQ(way_to(model_with(routes), "198.19.200.4"), "Active 198.19.0.0/16 Internet");
  auto with_prefix = routes;
  with_prefix.push_back(sample::route("prefix", "198.19.0.0/18", NextHopType::VnetLocal));
  EXPECT_EQ(way_to(model_with(with_prefix), "198.19.0.4"), "Active 198.19.0.0/18 VnetLocal");
  EXPECT_THAT(rows(model_with(routes))[2].destination_service_tags, ElementsAre("storage.westus"));
}

TEST(ServiceTags, AreKnownAloneAndWithARegion) {
  EXPECT_TRUE(emu::find_service_tag("Sql"));
  EXPECT_TRUE(emu::find_service_tag("azurecloud.EastUS2"));
  for (const auto* text : {"", "Storag", "Storage.", "Storage.west-us", "Internet", "VirtualNetwork", "Storage.a.b"})
    EXPECT_FALSE(emu::find_service_tag(text)) << text;
}

// UDR-15: all that Azure has is wider than any one service, also in one region only.
TEST(ServiceTags, OfARegionAreNarrowAndThoseOfTheWholeCloudWide) {
  using emu::breadth;
  EXPECT_LT(breadth("Storage.westus"), breadth("Storage"));
  EXPECT_LT(breadth("Storage"), breadth("AzureCloud.westus"));
  EXPECT_LT(breadth("AzureCloud.westus"), breadth("AzureCloud"));
}

TEST(RouteTableChanges, AreListedAsTheTablesAndUnderTheSubnets) {
  const auto before = model_with({});
  const auto after = model_with({sample::route("out", "0.0.0.0/0", NextHopType::VirtualAppliance, "10.0.1.4")});
  const auto found = changes(&before, after);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].resource, "vnet a / subnet app");
  ASSERT_EQ(found[0].consequences.size(), 2U);
  EXPECT_EQ(found[0].consequences[0].text, "route 0.0.0.0/0 Internet");
  EXPECT_EQ(found[0].consequences[0].reason, "replaced by a user-defined route");
  EXPECT_EQ(found[0].consequences[1].text, "route 0.0.0.0/0 via 10.0.1.4");
  EXPECT_EQ(found[1].resource, "route table table");
  EXPECT_EQ(found[1].detail, "route out: none -> 0.0.0.0/0 VirtualAppliance 10.0.1.4");

  auto without = after;
  without.route_tables.clear();
  without.virtual_networks[0].subnets[0].route_table.clear();
  const auto gone = changes(&after, without);
  EXPECT_EQ(gone[0].detail, "route table: TABLE -> none");
  EXPECT_EQ(gone[1].kind, emu::Change::Kind::Delete);
}
