// SPDX-License-Identifier: Apache-2.0
#include "emu/services/service_firewall.hpp"

#include <gtest/gtest.h>

#include "emu/services/service_answers.hpp"
#include "tests/unit/emu/sample_model.hpp"

using emu::Caller;
using emu::ServiceConfiguration;
namespace sample = emu::sample;

namespace {

/// Two networks with one address space, and an account that lets in a subnet of one of them, and some addresses.
ServiceConfiguration configuration() {
  ServiceConfiguration out;
  const auto addresses = std::vector{sample::address("198.19.0.4")};
  out.links = {{"internet", "", {}, addresses},
               {"vnet-red", "red", {{"app", sample::prefixes({"10.0.0.0/24", "10.0.9.0/24"})}}, addresses},
               {"vnet-blue", "blue", {{"app", sample::prefixes({"10.0.0.0/24"})}}, addresses}};
  out.services = {{"data", "westus", addresses[0], true, {"red/app"}, sample::prefixes({"203.0.113.0/24"})}};
  out.azure_addresses = {{"westus", {sample::address("203.0.113.10")}}, {"eastus", {sample::address("203.0.113.11")}}};
  return out;
}

Caller caller(std::size_t link, std::string_view address) { return caller_on(configuration().links[link], sample::address(address)); }

bool may(std::size_t link, std::string_view address) {
  return may_access(configuration(), configuration().services[0], caller(link, address));
}

}  // namespace

// SE-4, SE-10.
TEST(ServiceCaller, IsOfTheLinksNetworkAndOfTheSubnetThatHasItsAddress) {
  EXPECT_EQ(caller(1, "10.0.9.4"), (Caller{sample::address("10.0.9.4"), "red", "app"}));
  EXPECT_EQ(caller(2, "10.0.0.4"), (Caller{sample::address("10.0.0.4"), "blue", "app"}));
  EXPECT_EQ(caller(2, "10.0.9.4"), (Caller{sample::address("10.0.9.4"), "blue", ""}));
  EXPECT_EQ(caller(0, "10.0.0.4"), (Caller{sample::address("10.0.0.4"), "", ""})) << "an address alone says nothing";
}

// SA-2, SA-4.
TEST(ServiceFirewall, GoesByTheSubnetOnTheBackboneAndByTheAddressOnTheInternet) {
  EXPECT_TRUE(may(1, "10.0.0.4"));
  EXPECT_FALSE(may(2, "10.0.0.4")) << "another network's subnet of that name";
  EXPECT_FALSE(may(0, "10.0.0.4"));
  EXPECT_TRUE(may(0, "203.0.113.200"));
  EXPECT_FALSE(may(0, "198.51.100.4"));
  EXPECT_FALSE(may(1, "203.0.113.200")) << "a rule for addresses does not count on the backbone";
  EXPECT_FALSE(may(0, "203.0.113.10")) << "in Azure, in the account's region";
  EXPECT_TRUE(may(0, "203.0.113.11")) << "in Azure, in another region";
  auto open = configuration();
  open.services[0].denies = false;
  EXPECT_TRUE(may_access(open, open.services[0], caller(0, "198.51.100.4")));
}

TEST(ServiceConfiguration, IsTheSameAfterItWasWrittenAndRead) {
  EXPECT_EQ(emu::service_configuration_from_json(to_json(configuration())), configuration());
  EXPECT_ANY_THROW(emu::service_configuration_from_json("{}"));
  EXPECT_ANY_THROW(emu::service_configuration_from_json("{\"links\": ["));
}

// SA-7.
TEST(ServiceAnswers, RefuseInAzuresWords) {
  EXPECT_EQ(emu::error_body("AuthorizationFailure", "This request is not authorized to perform this operation.", "guid", "now"),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthorizationFailure</Code><Message>This request is not authorized to "
            "perform this operation.\nRequestId:guid\nTime:now</Message></Error>");
}

TEST(ServiceAnswers, SayWhoTheCallerIs) {
  const auto service = configuration().services[0];
  EXPECT_EQ(whoami_json(service, caller(1, "10.0.0.4")),
            "{\"sourceAddress\":\"10.0.0.4\",\"virtualNetwork\":\"red\",\"subnet\":\"app\",\"path\":\"backbone\",\"account\":\"data\"}\n");
  EXPECT_EQ(whoami_json(service, caller(0, "203.0.113.4")),
            "{\"sourceAddress\":\"203.0.113.4\",\"virtualNetwork\":null,\"subnet\":null,\"path\":\"internet\",\"account\":\"data\"}\n");
}
