// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/effective_routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "emu/semantics/next_hop.hpp"
#include "emu/semantics/resolve.hpp"
#include "emu/semantics/route_precedence.hpp"
#include "tests/unit/emu/sample_model.hpp"

using emu::EffectiveRoute;
using emu::Model;
using emu::NextHopType;
using emu::RouteSource;
using testing::ElementsAre;
using testing::IsSupersetOf;
namespace sample = emu::sample;

namespace {

std::string text(const EffectiveRoute& route) {
  std::string out(to_string(route.state));
  for (const auto& prefix : route.address_prefix) out += ' ' + to_string(prefix);
  out += ' ' + std::string(to_string(route.next_hop_type));
  if (!route.remote_virtual_network.empty()) out += ' ' + route.remote_virtual_network;
  return out;
}

std::vector<std::string> texts(const std::vector<EffectiveRoute>& routes) {
  std::vector<std::string> out;
  out.reserve(routes.size());
  for (const auto& route : routes) out.push_back(text(route));
  return out;
}

std::vector<std::string> routes_of(const Model& model, std::size_t network = 0) {
  const auto& owner = model.virtual_networks.at(network);
  return texts(effective_routes(model, owner, owner.subnets.at(0)));
}

Model alone(const std::vector<std::string_view>& address_space) {
  Model model;
  model.virtual_networks = {sample::network("a", address_space, {sample::subnet("default", {"10.0.0.0/24"})})};
  return emu::resolve(model, nullptr).model;
}

Model peered(const char* location_of_b, bool second_side = true) {
  Model model;
  model.virtual_networks = {sample::network("a", {"10.0.0.0/16"}, {sample::subnet("default", {"10.0.0.0/24"})}),
                            sample::network("b", {"10.1.0.0/16", "30.0.0.0/16"}, {sample::subnet("default", {"10.1.0.0/24"})})};
  model.virtual_networks[1].location = location_of_b;
  model.virtual_networks[0].peerings = {sample::peering("a-to-b", "B")};
  if (second_side) model.virtual_networks[1].peerings = {sample::peering("b-to-a", "a")};
  return emu::resolve(model, nullptr).model;
}

EffectiveRoute route(RouteSource source, NextHopType type, const std::vector<std::string_view>& prefixes) {
  EffectiveRoute out;
  out.source = source;
  out.next_hop_type = type;
  out.address_prefix = sample::prefixes(prefixes);
  return out;
}

}  // namespace

// RT-1, RT-2, RT-3; RT-4: a smaller block leaves the None routes alone
TEST(EffectiveRoutes, OfANetworkAlone) {
  EXPECT_THAT(
      routes_of(alone({"10.0.0.0/16", "30.0.0.0/16"})),
      ElementsAre("Active 10.0.0.0/16 VnetLocal", "Active 30.0.0.0/16 VnetLocal", "Active 0.0.0.0/0 Internet", "Active 10.0.0.0/8 None",
                  "Active 172.16.0.0/12 None", "Active 192.168.0.0/16 None", "Active 100.64.0.0/10 None"));
}

// RT-4
TEST(EffectiveRoutes, ABlockThatEqualsAPrivateRangeTakesItsPlace) {
  for (const std::string_view range : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"}) {
    const auto routes = routes_of(alone({range}));
    EXPECT_EQ(routes.size(), 5U) << range;
    EXPECT_EQ(routes[0], "Active " + std::string(range) + " VnetLocal");
    EXPECT_THAT(routes, testing::Not(testing::Contains("Active " + std::string(range) + " None")));
  }
}

// RT-4
TEST(EffectiveRoutes, ABlockThatHoldsAPrivateRangeRemovesItsNoneRoute) {
  EXPECT_THAT(routes_of(alone({"172.0.0.0/8"})),
              ElementsAre("Active 172.0.0.0/8 VnetLocal", "Active 0.0.0.0/0 Internet", "Active 10.0.0.0/8 None",
                          "Active 192.168.0.0/16 None", "Active 100.64.0.0/10 None"));
}

// RT-6, PEER-27, PEER-29
TEST(EffectiveRoutes, APeeringAddsOneRoutePerRemoteBlock) {
  const auto model = peered("westus");
  EXPECT_THAT(routes_of(model),
              IsSupersetOf({"Active 10.0.0.0/16 VnetLocal", "Active 10.1.0.0/16 VNetPeering b", "Active 30.0.0.0/16 VNetPeering b"}));
  EXPECT_THAT(routes_of(model, 1), IsSupersetOf({"Active 10.0.0.0/16 VNetPeering a"}));
  EXPECT_EQ(routes_of(model)[1], "Active 10.1.0.0/16 VNetPeering b") << "after the network's own, before the system's";
}

// PEER-27
TEST(EffectiveRoutes, APeeringToAnotherRegionIsGlobal) {
  EXPECT_THAT(routes_of(peered("eastus")),
              IsSupersetOf({"Active 10.1.0.0/16 VNetGlobalPeering b", "Active 30.0.0.0/16 VNetGlobalPeering b"}));
}

// PEER-4, RT-9
TEST(EffectiveRoutes, APeeringThatIsNotConnectedAddsNone) {
  const auto one_sided = peered("westus", false);
  EXPECT_EQ(routes_of(one_sided), routes_of(alone({"10.0.0.0/16"})));
  auto removed = peered("westus");
  removed.virtual_networks[1].peerings.clear();
  const auto before = peered("westus");
  EXPECT_EQ(routes_of(emu::resolve(removed, &before).model), routes_of(alone({"10.0.0.0/16"})));
}

// PEER-16
TEST(EffectiveRoutes, APeeringThatLetsNothingThroughKeepsItsRoute) {
  auto model = peered("westus");
  model.virtual_networks[0].peerings[0].allow_virtual_network_access = false;
  EXPECT_THAT(routes_of(model), testing::Contains("Active 10.1.0.0/16 VNetPeering b"));
}

// PEER-13
TEST(EffectiveRoutes, PeeringIsNotTransitive) {
  Model model;
  for (const char* name : {"a", "b", "c"})
    model.virtual_networks.push_back(sample::network(name, {}, {sample::subnet("default", {"10.0.0.0/24"})}));
  model.virtual_networks[0].address_space = sample::prefixes({"10.0.0.0/16"});
  model.virtual_networks[1].address_space = sample::prefixes({"10.1.0.0/16"});
  model.virtual_networks[2].address_space = sample::prefixes({"10.2.0.0/16"});
  model.virtual_networks[0].peerings = {sample::peering("ab", "b")};
  model.virtual_networks[1].peerings = {sample::peering("ba", "a"), sample::peering("bc", "c")};
  model.virtual_networks[2].peerings = {sample::peering("cb", "b")};
  const auto routes = routes_of(emu::resolve(model, nullptr).model);
  EXPECT_THAT(routes, testing::Contains("Active 10.1.0.0/16 VNetPeering b"));
  EXPECT_THAT(routes, testing::Not(testing::Contains(testing::HasSubstr("10.2.0.0/16"))));
}

TEST(EffectiveRoutes, APeersWholePrivateRangeMakesTheNoneRouteInvalid) {
  auto model = peered("westus");
  model.virtual_networks[0].address_space = sample::prefixes({"30.1.0.0/16"});
  model.virtual_networks[1].address_space = sample::prefixes({"10.0.0.0/8"});
  EXPECT_THAT(routes_of(emu::resolve(model, nullptr).model), IsSupersetOf({"Active 10.0.0.0/8 VNetPeering b", "Invalid 10.0.0.0/8 None"}));
}

// SEL-2
TEST(RoutePrecedence, UserDefinedBeatsGatewayBeatsSystemForTheSamePrefix) {
  std::vector<EffectiveRoute> routes{route(RouteSource::Default, NextHopType::Internet, {"0.0.0.0/0"}),
                                     route(RouteSource::VirtualNetworkGateway, NextHopType::VirtualNetworkGateway, {"0.0.0.0/0"})};
  mark_precedence(routes);
  EXPECT_THAT(texts(routes), ElementsAre("Invalid 0.0.0.0/0 Internet", "Active 0.0.0.0/0 VirtualNetworkGateway"));
  routes.push_back(route(RouteSource::User, NextHopType::VirtualAppliance, {"0.0.0.0/0"}));
  mark_precedence(routes);
  EXPECT_THAT(texts(routes),
              ElementsAre("Invalid 0.0.0.0/0 Internet", "Invalid 0.0.0.0/0 VirtualNetworkGateway", "Active 0.0.0.0/0 VirtualAppliance"));
}

// SEL-1: another length is another prefix; SEL-5
TEST(RoutePrecedence, ARouteOfAnotherLengthOverridesNothing) {
  std::vector<EffectiveRoute> routes{route(RouteSource::Default, NextHopType::VnetLocal, {"10.0.0.0/16"}),
                                     route(RouteSource::User, NextHopType::None, {"10.0.0.0/8"})};
  mark_precedence(routes);
  EXPECT_THAT(texts(routes), ElementsAre("Active 10.0.0.0/16 VnetLocal", "Active 10.0.0.0/8 None"));
}

// SEL-3, SEL-5
TEST(RoutePrecedence, ANetworksOwnRouteBeatsTheGatewaysButNotTheUsers) {
  std::vector<EffectiveRoute> routes{route(RouteSource::VirtualNetworkGateway, NextHopType::VirtualNetworkGateway, {"10.0.0.0/16"}),
                                     route(RouteSource::Default, NextHopType::VNetPeering, {"10.0.0.0/16"})};
  mark_precedence(routes);
  EXPECT_THAT(texts(routes), ElementsAre("Invalid 10.0.0.0/16 VirtualNetworkGateway", "Active 10.0.0.0/16 VNetPeering"));
  routes.push_back(route(RouteSource::User, NextHopType::VirtualAppliance, {"10.0.0.0/16"}));
  mark_precedence(routes);
  EXPECT_EQ(text(routes[1]), "Invalid 10.0.0.0/16 VNetPeering");
}

// SEL-3
TEST(RoutePrecedence, ANetworksOwnRouteBeatsALongerOneOfTheGateway) {
  std::vector<EffectiveRoute> routes{route(RouteSource::Default, NextHopType::VNetPeering, {"10.2.0.0/16"}),
                                     route(RouteSource::VirtualNetworkGateway, NextHopType::VirtualNetworkGateway, {"10.2.9.0/24"}),
                                     route(RouteSource::VirtualNetworkGateway, NextHopType::VirtualNetworkGateway, {"10.0.0.0/8"})};
  mark_precedence(routes);
  EXPECT_THAT(texts(routes), ElementsAre("Active 10.2.0.0/16 VNetPeering", "Invalid 10.2.9.0/24 VirtualNetworkGateway",
                                         "Active 10.0.0.0/8 VirtualNetworkGateway"));
  EXPECT_EQ(route_to(routes, *netns::Ipv4Address::parse("10.2.9.1")), &routes[0]);
  routes.push_back(route(RouteSource::User, NextHopType::VirtualNetworkGateway, {"10.2.9.0/24"}));
  EXPECT_EQ(route_to(routes, *netns::Ipv4Address::parse("10.2.9.1")), &routes[3]) << "a route of the user's is another matter";
}

// SEL-4
TEST(RoutePrecedence, NothingOverridesAServiceEndpoint) {
  std::vector<EffectiveRoute> routes{
      route(RouteSource::User, NextHopType::VirtualAppliance, {"198.19.0.0/24"}),
      route(RouteSource::Default, NextHopType::VirtualNetworkServiceEndpoint, {"198.19.0.0/24", "198.19.1.0/24"})};
  mark_precedence(routes);
  EXPECT_THAT(texts(routes),
              ElementsAre("Invalid 198.19.0.0/24 VirtualAppliance", "Active 198.19.0.0/24 198.19.1.0/24 VirtualNetworkServiceEndpoint"));
}
