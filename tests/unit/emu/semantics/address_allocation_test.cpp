// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "emu/semantics/resolve.hpp"
#include "tests/unit/emu/sample_model.hpp"

using emu::Model;
using emu::resolve;
using testing::ElementsAre;
namespace sample = emu::sample;

namespace {

/// A network of two subnets; machines are added by the test.
Model one_network(std::vector<emu::VirtualMachine> machines) {
  Model model;
  model.virtual_networks = {sample::network(
      "hub", {"10.0.0.0/16"}, {sample::subnet("web", {"10.0.0.0/24"}), sample::subnet("db", {"10.0.1.0/29", "10.0.2.0/29"})})};
  model.virtual_machines = std::move(machines);
  return model;
}

std::string text(const std::optional<emu::Ipv4Address>& address) { return address ? to_string(*address) : "none"; }

std::vector<std::string> private_addresses(const Model& model) {
  std::vector<std::string> out;
  for (const auto& machine : model.virtual_machines) out.push_back(text(machine.private_ip_address));
  return out;
}

std::vector<std::string> public_addresses(const Model& model) {
  std::vector<std::string> out;
  for (const auto& machine : model.virtual_machines) out.push_back(text(machine.public_ip_address));
  return out;
}

Model after(const Model& model, const Model& previous) { return resolve(model, &previous).model; }

}  // namespace

// IPAM-1, SUB-2
TEST(PrivateAddresses, StartAtTheFourthOfTheSubnet) {
  const auto model = one_network({sample::machine("a", "hub", "web"), sample::machine("b", "HUB", "Web")});
  EXPECT_THAT(private_addresses(resolve(model, nullptr).model), ElementsAre("10.0.0.4", "10.0.0.5"));
}

TEST(PrivateAddresses, StaticOnesAreNeverGivenToAnother) {
  const auto model = one_network({sample::machine("a", "hub", "web"), sample::machine("b", "hub", "web"),
                                  sample::with_private(sample::machine("c", "hub", "web"), "10.0.0.4")});
  EXPECT_THAT(private_addresses(resolve(model, nullptr).model), ElementsAre("10.0.0.5", "10.0.0.6", "10.0.0.4"));
}

// SUB-2, SUB-8
TEST(PrivateAddresses, GoOnInTheNextPrefixAndSkipItsReservedOnes) {
  std::vector<emu::VirtualMachine> machines;
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g"}) machines.push_back(sample::machine(name, "hub", "db"));
  EXPECT_THAT(private_addresses(resolve(one_network(machines), nullptr).model),
              ElementsAre("10.0.1.4", "10.0.1.5", "10.0.1.6", "10.0.2.4", "10.0.2.5", "10.0.2.6", "none"));
}

// IPAM-2
TEST(PrivateAddresses, StayWithTheMachineWhenOthersComeAndGo) {
  const auto before = resolve(one_network({sample::machine("a", "hub", "web"), sample::machine("b", "hub", "web")}), nullptr).model;
  const auto changed = one_network({sample::machine("new", "hub", "web"), sample::machine("B", "hub", "web")});
  EXPECT_THAT(private_addresses(after(changed, before)), ElementsAre("10.0.0.4", "10.0.0.5"));
}

// IPAM-2
TEST(PrivateAddresses, AreNewInAnotherSubnet) {
  const auto before = resolve(one_network({sample::machine("a", "hub", "web")}), nullptr).model;
  EXPECT_THAT(private_addresses(after(one_network({sample::machine("a", "hub", "db")}), before)), ElementsAre("10.0.1.4"));
}

TEST(PrivateAddresses, AreNewWhenThePrefixNoLongerHoldsThem) {
  auto model = one_network({sample::machine("a", "hub", "web"), sample::machine("b", "hub", "web")});
  const auto before = resolve(model, nullptr).model;
  model.virtual_networks[0].subnets[0].address_prefixes = sample::prefixes({"10.0.0.0/29", "10.0.8.0/29"});
  EXPECT_THAT(private_addresses(after(model, before)), ElementsAre("10.0.0.4", "10.0.0.5")) << "both still fit";
  model.virtual_networks[0].subnets[0].address_prefixes = sample::prefixes({"10.0.8.0/24"});
  EXPECT_THAT(private_addresses(after(model, before)), ElementsAre("10.0.8.4", "10.0.8.5"));
}

TEST(PrivateAddresses, AreNewWhenThePrefixNowReservesThem) {
  auto model = one_network({sample::with_private(sample::machine("a", "hub", "web"), "10.0.0.66")});
  const auto before = resolve(model, nullptr).model;
  model = one_network({sample::machine("a", "hub", "web")});
  EXPECT_THAT(private_addresses(after(model, before)), ElementsAre("10.0.0.66")) << "IPAM-3";
  model.virtual_networks[0].subnets[0].address_prefixes = sample::prefixes({"10.0.0.64/26"});
  EXPECT_THAT(private_addresses(after(model, before)), ElementsAre("10.0.0.68"));
}

TEST(PrivateAddresses, GiveWayToAStaticMachine) {
  const auto before = resolve(one_network({sample::machine("a", "hub", "web")}), nullptr).model;
  const auto changed =
      one_network({sample::machine("a", "hub", "web"), sample::with_private(sample::machine("b", "hub", "web"), "10.0.0.4")});
  EXPECT_THAT(private_addresses(after(changed, before)), ElementsAre("10.0.0.5", "10.0.0.4"));
}

TEST(PrivateAddresses, AreAllDifferentForThousandsOfMachines) {
  auto model = one_network({});
  model.virtual_networks[0].subnets = {sample::subnet("wide", {"10.0.0.0/17"})};
  for (int i = 0; i < 20000; ++i) model.virtual_machines.push_back(sample::machine("vm" + std::to_string(i), "hub", "wide"));
  const auto resolved = resolve(model, nullptr).model;
  const auto addresses = private_addresses(resolved);
  EXPECT_EQ(std::set<std::string>(addresses.begin(), addresses.end()).size(), addresses.size());
  EXPECT_EQ(after(model, resolved), resolved);
}

TEST(PublicAddresses, AreTheLowestOfTheDocumentationRanges) {
  auto model = one_network({sample::with_public(sample::machine("a", "hub", "web")), sample::machine("b", "hub", "web"),
                            sample::with_public(sample::machine("c", "hub", "web")),
                            sample::with_public(sample::machine("d", "hub", "web"), "203.0.113.4")});
  model.internet.hosts = {sample::host("laptop", "203.0.113.6")};
  EXPECT_THAT(public_addresses(resolve(model, nullptr).model), ElementsAre("203.0.113.5", "none", "203.0.113.7", "203.0.113.4"));
}

TEST(PublicAddresses, GoOnInTheNextRangeFromTheFourthToTheLastButOne) {
  auto model = one_network({});
  model.virtual_networks[0].subnets = {sample::subnet("wide", {"10.0.0.0/20"})};
  for (int i = 0; i < 3 * 251 + 1; ++i)
    model.virtual_machines.push_back(sample::with_public(sample::machine("vm" + std::to_string(i), "hub", "wide")));
  const auto addresses = public_addresses(resolve(model, nullptr).model);
  EXPECT_EQ(addresses[250], "203.0.113.254");
  EXPECT_EQ(addresses[251], "198.51.100.4");
  EXPECT_EQ(addresses[501], "198.51.100.254");
  EXPECT_EQ(addresses[502], "192.0.2.4");
  EXPECT_EQ(addresses[753], "198.18.0.4");
}

TEST(PublicAddresses, StayWithTheMachineInWhateverSubnetItIs) {
  const auto before =
      resolve(
          one_network({sample::with_public(sample::machine("a", "hub", "web")), sample::with_public(sample::machine("b", "hub", "web"))}),
          nullptr)
          .model;
  const auto changed =
      one_network({sample::with_public(sample::machine("new", "hub", "web")), sample::with_public(sample::machine("b", "hub", "db"))});
  EXPECT_THAT(public_addresses(after(changed, before)), ElementsAre("203.0.113.4", "203.0.113.5"));
}

TEST(PublicAddresses, GiveWayToAnInternetHost) {
  auto model = one_network({sample::with_public(sample::machine("a", "hub", "web"))});
  const auto before = resolve(model, nullptr).model;
  model.internet.hosts = {sample::host("laptop", "203.0.113.4")};
  EXPECT_THAT(public_addresses(after(model, before)), ElementsAre("203.0.113.5"));
}

TEST(PublicAddresses, AreGoneWhenTheMachineHasNoneAnyMore) {
  const auto before = resolve(one_network({sample::with_public(sample::machine("a", "hub", "web"))}), nullptr).model;
  EXPECT_THAT(public_addresses(after(one_network({sample::machine("a", "hub", "web")}), before)), ElementsAre("none"));
}

// PIP-9
TEST(DefaultOutboundAddresses, CountDownFromTheTopAndStay) {
  Model model;
  model.virtual_networks = {sample::network("a", {"10.0.0.0/16"}), sample::network("b", {"10.1.0.0/16"})};
  model.internet.hosts = {sample::host("laptop", "198.18.255.253")};
  const auto before = resolve(model, nullptr).model;
  EXPECT_EQ(text(before.virtual_networks[0].default_outbound_address), "198.18.255.254");
  EXPECT_EQ(text(before.virtual_networks[1].default_outbound_address), "198.18.255.252");

  model.virtual_networks = {sample::network("c", {"10.2.0.0/16"}), sample::network("B", {"10.1.0.0/16"})};
  const auto changed = after(model, before);
  EXPECT_EQ(text(changed.virtual_networks[0].default_outbound_address), "198.18.255.254");
  EXPECT_EQ(text(changed.virtual_networks[1].default_outbound_address), "198.18.255.252");
}
