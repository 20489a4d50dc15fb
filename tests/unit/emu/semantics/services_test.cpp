// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>

#include "emu/model/service_lookup.hpp"
#include "emu/semantics/changes.hpp"
#include "emu/semantics/effective_routes.hpp"
#include "emu/semantics/route_precedence.hpp"
#include "emu/semantics/service_tags.hpp"
#include "tests/unit/emu/sample_services.hpp"

using emu::Model;
using emu::NextHopType;
using testing::ElementsAre;
using testing::IsEmpty;
namespace sample = emu::sample;
using sample::resolved;

namespace {

/// The prefixes of the routes of endpoints, one list for each row.
std::vector<std::string> endpoint_rows(const Model& model, std::size_t subnet = 0) {
  const auto& network = model.virtual_networks[0];
  std::vector<std::string> rows;
  for (const auto& row : effective_routes(model, network, network.subnets[subnet])) {
    if (row.next_hop_type != NextHopType::VirtualNetworkServiceEndpoint) continue;
    EXPECT_EQ(row.source, emu::RouteSource::Default);
    rows.emplace_back();
    for (const auto& prefix : row.address_prefix) rows.back() += to_string(prefix) + ' ';
  }
  return rows;
}

}  // namespace

// TAG-5: a tag stands for the addresses of the services of its kind.
TEST(ServiceAddresses, AreInTheRangeOfTheirTag) {
  const auto model = resolved(sample::lab_with_services({}));
  EXPECT_EQ(model.storage_accounts[0].address, sample::address("198.19.0.4"));
  EXPECT_EQ(model.storage_accounts[2].address, sample::address("198.19.0.6"));
  EXPECT_EQ(model.services[0].address, sample::address("198.19.64.4"));
  for (const auto& account : model.storage_accounts) {
    EXPECT_TRUE(emu::find_service_tag("Storage")->prefix.contains(*account.address));
    EXPECT_TRUE(emu::find_service_tag("AzureCloud.westus")->prefix.contains(*account.address));
  }
  EXPECT_TRUE(emu::find_service_tag("Sql")->prefix.contains(*model.services[0].address));
}

TEST(ServiceAddresses, StayWhenOtherServicesComeAndGo) {
  const auto before = resolved(sample::lab_with_services({}));
  auto changed = sample::lab_with_services({});
  changed.storage_accounts.erase(changed.storage_accounts.begin());
  changed.storage_accounts.insert(changed.storage_accounts.begin(), sample::account("another"));
  const auto after = resolved(changed, &before);
  EXPECT_EQ(after.storage_accounts[1].address, before.storage_accounts[1].address);
  EXPECT_EQ(after.storage_accounts[2].address, before.storage_accounts[2].address);
  EXPECT_EQ(after.storage_accounts[0].address, sample::address("198.19.0.4")) << "which nobody has any more";
}

TEST(ServiceAddresses, OfAServiceThatIsGoneAreNotPassedOnToOnesThatStay) {
  const auto before = resolved(sample::lab_with_services({}));
  auto fewer = sample::lab_with_services({});
  fewer.storage_accounts.erase(fewer.storage_accounts.begin());
  EXPECT_EQ(resolved(fewer, &before).storage_accounts[0].address, sample::address("198.19.0.5"));
  EXPECT_EQ(resolved(fewer).storage_accounts[0].address, sample::address("198.19.0.4")) << "the first of a new lab";
}

// TAG-5: so has each type of service.
TEST(ServiceAddresses, OfEveryTypeHaveARangeOfTheirOwn) {
  for (const auto& tag : emu::kServiceTags) {
    if (tag.type.empty()) continue;
    auto model = sample::lab_with_services({});
    model.services[0].type = tag.type;
    EXPECT_TRUE(tag.prefix.contains(*resolved(model).services[0].address)) << tag.type;
    for (const auto& other : emu::kServiceTags)
      EXPECT_TRUE(other.name == tag.name || other.type.empty() || !other.prefix.overlaps(tag.prefix)) << tag.name << ' ' << other.name;
    EXPECT_TRUE(emu::kServicesRange.contains(tag.prefix)) << tag.name;
    EXPECT_TRUE(emu::is_service_tag(tag.name)) << tag.name;
  }
  for (const auto& type : emu::service_types()) {
    if (type == emu::kStorageGlobal) continue;
    EXPECT_TRUE(std::ranges::any_of(emu::kServiceTags, [&](const auto& tag) { return tag.type == type; })) << type;
  }
}

// RT-8, SE-6, SE-11.
TEST(ServiceEndpointRoute, IsOneRowWithTheAddressesThatTheEndpointCoversInThatSubnetOnly) {
  EXPECT_THAT(endpoint_rows(resolved(sample::lab_with_services({}))), IsEmpty());
  const auto storage = resolved(sample::lab_with_services({"Microsoft.Storage"}));
  EXPECT_THAT(endpoint_rows(storage), ElementsAre("198.19.0.4/32 198.19.0.5/32 "));
  EXPECT_THAT(endpoint_rows(storage, 1), IsEmpty());
  EXPECT_THAT(endpoint_rows(resolved(sample::lab_with_services({"Microsoft.Storage.Global"}))),
              ElementsAre("198.19.0.4/32 198.19.0.5/32 198.19.0.6/32 "));
  EXPECT_THAT(endpoint_rows(resolved(sample::lab_with_services({"Microsoft.Sql", "Microsoft.Storage"}))),
              ElementsAre("198.19.0.4/32 198.19.0.5/32 198.19.64.4/32 "));
  EXPECT_THAT(endpoint_rows(resolved(sample::lab_with_services({"Microsoft.KeyVault"}))), IsEmpty()) << "there is no such service";
}

// SEL-4.
TEST(ServiceEndpointRoute, IsNotOverriddenByAUserDefinedRouteForTheSamePrefix) {
  auto model = sample::lab_with_services({"Microsoft.Storage"});
  model.virtual_networks[0].subnets[0].route_table = "rt";
  model.route_tables = {sample::route_table("rt", {sample::route("r", "198.19.0.4/32", NextHopType::None)})};
  model = resolved(model);
  const auto& network = model.virtual_networks[0];
  const auto routes = effective_routes(model, network, network.subnets[0]);
  const auto best = routes_in_force(routes);
  EXPECT_EQ(best.at(*emu::Ipv4Prefix::parse("198.19.0.4/32"))->next_hop_type, NextHopType::VirtualNetworkServiceEndpoint);
}

TEST(ServiceChanges, AreToldWithTheRouteTheyBring) {
  const auto before = resolved(sample::lab_with_services({}));
  auto changed = sample::lab_with_services({"Microsoft.Storage"});
  changed.storage_accounts[2].network_rules.default_action = emu::DefaultAction::Deny;
  changed.services.clear();
  const auto found = changes(&before, resolved(changed, &before));
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].resource, "vnet net / subnet app");
  EXPECT_EQ(found[0].detail, "service endpoints: none -> Microsoft.Storage");
  ASSERT_EQ(found[0].consequences.size(), 1U);
  EXPECT_EQ(found[0].consequences[0].text, "route 198.19.0.4/32, 198.19.0.5/32 VirtualNetworkServiceEndpoint");
  EXPECT_EQ(found[1].resource + ": " + found[1].detail, "storage account far: default action: Allow -> Deny");
  EXPECT_EQ(found[2].resource + ": " + found[2].detail, "service db: Microsoft.Sql, westus, 198.19.64.4");
}

TEST(ServiceChanges, TellWhomTheFirewallLetsIn) {
  auto model = sample::lab_with_services({"Microsoft.Storage"});
  const auto before = resolved(model);
  model.storage_accounts[0].network_rules.ip_rules = sample::prefixes({"203.0.113.0/24"});
  const auto found = changes(&before, resolved(model, &before));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].resource + ": " + found[0].detail, "storage account here: ip rules: none -> 203.0.113.0/24");
}
