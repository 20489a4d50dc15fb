// SPDX-License-Identifier: Apache-2.0
// tests/scenario/several_labs_test.cpp — labs with the same addresses run at once and know nothing of each other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenario/lab.hpp"

namespace test {
namespace {

using testing::IsEmpty;

constexpr std::string_view kSameLab = R"(
virtual_networks:
  - {name: net, address_space: [10.0.0.0/16], subnets: [{name: s, address_prefixes: [10.0.0.0/24]}]}
virtual_machines:
  - {name: vm, subnet: net/s, private_ip_address: 10.0.0.4, public_ip_address: 203.0.113.50}
)";
constexpr std::string_view kFirst =
    "  - {name: first, subnet: net/s, private_ip_address: 10.0.0.5, public_ip_address: 203.0.113.51, public_ip_address_sku: Basic, web: "
    "80}\n";
constexpr std::string_view kSecond =
    "  - {name: second, subnet: net/s, private_ip_address: 10.0.0.6, public_ip_address: 203.0.113.52, public_ip_address_sku: Basic, web: "
    "80}\n";

TEST(TwoLabs, WithTheSameAddressesNeverSeeEachOther) {
  const Lab first;
  const Lab second;
  first.build(std::string(kSameLab) + std::string(kFirst));
  ASSERT_TRUE(first.reaches("vm", "10.0.0.5"));
  const auto kernel = kernel_state_of(first.name());
  second.build(std::string(kSameLab) + std::string(kSecond));
  EXPECT_THAT(differences(kernel, kernel_state_of(first.name())), IsEmpty());

  EXPECT_TRUE(second.reaches("vm", "10.0.0.6"));
  EXPECT_TRUE(second.reaches("vm", "203.0.113.52"));
  EXPECT_TRUE(second.finds_silence("vm", "203.0.113.51"));
  EXPECT_TRUE(second.finds_silence("vm", "10.0.0.5"));
  EXPECT_TRUE(first.finds_silence("vm", "203.0.113.52"));
  EXPECT_TRUE(first.finds_silence("vm", "10.0.0.6"));
  EXPECT_EQ(first.page("vm", "10.0.0.5"), "first (10.0.0.5) says hello to 10.0.0.4\n");
  EXPECT_EQ(second.page("vm", "10.0.0.6"), "second (10.0.0.6) says hello to 10.0.0.4\n");

  EXPECT_EQ(second.down().status, 0);
  EXPECT_THAT(differences(kernel, kernel_state_of(first.name())), IsEmpty());
  EXPECT_TRUE(first.reaches("vm", "10.0.0.5"));
}

TEST(TwoLabs, HaveToBeToldApart) {
  const Lab first;
  const Lab second;
  first.build(kSameLab);
  second.build(kSameLab);
  const auto unclear = lazuli({"exec", "vm", "--", "true"});
  EXPECT_EQ(unclear.status, 125) << "no status of the command's own";
  EXPECT_THAT(unclear.errors, testing::HasSubstr("several labs are running ("));
  EXPECT_EQ(lazuli({"down"}).status, 2);
  EXPECT_EQ(first.exec("vm", {"true"}).status, 0);
  const auto list = nlohmann::json::parse(lazuli({"list", "--json"}).output);
  int found = 0;
  for (const auto& lab : list) found += lab["lab"] == first.name() || lab["lab"] == second.name() ? 1 : 0;
  EXPECT_EQ(found, 2);
}

}  // namespace
}  // namespace test
