// SPDX-License-Identifier: Apache-2.0
#include "emu/model/service_lookup.hpp"

#include <gtest/gtest.h>

#include "tests/unit/emu/sample_services.hpp"

namespace sample = emu::sample;

// SE-11.
TEST(ServiceEndpointReach, IsTheSameRegionForSqlTheSameOrThePairedOneForStorageAndAnyForOthers) {
  const auto reaches = [](std::string_view endpoint, std::string_view from, std::string_view type, std::string_view to) {
    return endpoint_covers(endpoint, from, sample::service("x", std::string(type), std::string(to)));
  };
  EXPECT_TRUE(reaches("Microsoft.Sql", "westus", "Microsoft.Sql", "westus"));
  EXPECT_FALSE(reaches("Microsoft.Sql", "westus", "Microsoft.Sql", "eastus"));
  EXPECT_TRUE(reaches("Microsoft.Storage", "westus", "Microsoft.Storage", "westus"));
  EXPECT_TRUE(reaches("Microsoft.Storage", "westus", "Microsoft.Storage", "eastus"));
  EXPECT_TRUE(reaches("Microsoft.Storage", "eastus", "Microsoft.Storage", "westus"));
  EXPECT_FALSE(reaches("Microsoft.Storage", "westus", "Microsoft.Storage", "westeurope"));
  EXPECT_TRUE(reaches("Microsoft.Storage.Global", "westus", "Microsoft.Storage", "westeurope"));
  EXPECT_TRUE(reaches("Microsoft.KeyVault", "westus", "Microsoft.KeyVault", "westeurope"));
  EXPECT_FALSE(reaches("Microsoft.KeyVault", "westus", "Microsoft.Sql", "westus")) << "another service";
  EXPECT_FALSE(reaches("Microsoft.Storage.Global", "westus", "Microsoft.Sql", "westus"));
}

TEST(ServiceNames, AreTheirOwnAndThatInDns) {
  emu::Model model;
  model.storage_accounts = {sample::service("data", "Microsoft.Storage", "westus")};
  model.services = {sample::service("db", "Microsoft.Sql", "westus")};
  model.services[0].address = sample::address("198.19.64.4");
  EXPECT_EQ(dns_name(model.storage_accounts[0]), "data.blob.lazuli.test");
  EXPECT_EQ(find_service(model, "DATA.blob.lazuli.test"), &model.storage_accounts[0]);
  EXPECT_EQ(find_service(model, "db"), &model.services[0]);
  EXPECT_EQ(find_service(model, "db.blob.lazuli.test"), nullptr);
  EXPECT_EQ(address_of(model, "db.database.lazuli.test"), sample::address("198.19.64.4"));
  EXPECT_EQ(services_of(model).size(), 2U);
}
