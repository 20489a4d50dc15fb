// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emu/report/plan_report.hpp"
#include "emu/semantics/resolve.hpp"
#include "tests/unit/emu/sample_model.hpp"

using emu::changes;
using emu::Model;
using emu::render_changes;
using testing::IsEmpty;
namespace sample = emu::sample;

namespace {

/// `a` and `b`, one subnet each, not peered.
Model two_networks() {
  Model model;
  model.virtual_networks = {sample::network("a", {"10.0.0.0/16"}, {sample::subnet("default", {"10.0.0.0/24"})}),
                            sample::network("b", {"10.1.0.0/16"}, {sample::subnet("default", {"10.1.0.0/24"})})};
  return model;
}

Model peered() {
  auto model = two_networks();
  model.virtual_networks[0].peerings = {sample::peering("a-to-b", "b")};
  model.virtual_networks[1].peerings = {sample::peering("b-to-a", "a")};
  return model;
}

/// What `after` changes in the lab that `before` made.
std::string plan(const Model& before, const Model& after) {
  const auto running = resolve(before, nullptr).model;
  return render_changes(changes(&running, resolve(after, &running).model));
}

}  // namespace

TEST(Changes, AreNoneForTheSameFile) {
  auto model = peered();
  model.virtual_machines = {sample::with_public(sample::machine("vm1", "a", "default"))};
  model.internet.hosts = {sample::host("laptop", "203.0.113.200")};
  const auto running = resolve(model, nullptr).model;
  EXPECT_THAT(changes(&running, resolve(model, &running).model), IsEmpty());
  model.virtual_machines[0].subnet = {"A", "Default"};
  model.virtual_networks[0].name = "A";
  EXPECT_THAT(changes(&running, resolve(model, &running).model), IsEmpty()) << "NAME-4";
  EXPECT_EQ(render_changes({}), "");
}

TEST(Changes, CreateEverythingOfANewLab) {
  auto model = peered();
  model.virtual_networks.push_back(sample::network("c", {"10.2.0.0/16", "10.3.0.0/16"}));
  model.virtual_networks[2].peerings = {sample::peering("c-to-a", "a")};
  model.virtual_machines = {sample::with_public(sample::machine("vm1", "a", "default")), sample::machine("vm2", "b", "default")};
  model.internet.hosts = {sample::host("laptop", "203.0.113.200")};
  EXPECT_EQ(render_changes(changes(nullptr, resolve(model, nullptr).model)),
            "  + vnet a                    westus, 10.0.0.0/16\n"
            "  + vnet a / subnet default   10.0.0.0/24\n"
            "  + vnet a / peering a-to-b   to 'b', Connected\n"
            "  + vnet b                    westus, 10.1.0.0/16\n"
            "  + vnet b / subnet default   10.1.0.0/24\n"
            "  + vnet b / peering b-to-a   to 'a', Connected\n"
            "  + vnet c                    westus, 10.2.0.0/16, 10.3.0.0/16\n"
            "  + vnet c / peering c-to-a   to 'a', Initiated: 'a' has no peering to 'c' yet\n"
            "  + vm vm1                    10.0.0.4, public 203.0.113.4\n"
            "  + vm vm2                    10.1.0.4\n"
            "  + internet host laptop      203.0.113.200\n");
}

// PEER-1, PEER-2
TEST(Changes, TheSecondSideConnectsTheFirstAndBringsRoutes) {
  auto one_side = peered();
  one_side.virtual_networks[1].peerings.clear();
  EXPECT_EQ(plan(two_networks(), one_side), "  + vnet a / peering a-to-b   to 'b', Initiated: 'b' has no peering to 'a' yet\n");
  EXPECT_EQ(plan(one_side, peered()),
            "  ~ vnet a / peering a-to-b   Initiated -> Connected: the other side exists now\n"
            "      + route 10.1.0.0/16 VNetPeering b   'a-to-b' is Connected\n"
            "  + vnet b / peering b-to-a   to 'a', Connected\n"
            "      + route 10.0.0.0/16 VNetPeering a   'b-to-a' is Connected\n");
}

// PEER-5
TEST(Changes, RemovingOneSideDisconnectsTheOther) {
  auto one_side = peered();
  one_side.virtual_networks[1].peerings.clear();
  EXPECT_EQ(plan(peered(), one_side),
            "  ~ vnet a / peering a-to-b   Connected -> Disconnected: 'b-to-a' was removed\n"
            "      - route 10.1.0.0/16 VNetPeering b   'a-to-b' is Disconnected\n"
            "  - vnet b / peering b-to-a   to 'a'\n"
            "      - route 10.0.0.0/16 VNetPeering a   no peering to 'a' any more\n");
}

// SUB-11, PEER-8
TEST(Changes, RemovingANetworkDisconnectsItsPeers) {
  auto without_b = peered();
  without_b.virtual_networks.pop_back();
  EXPECT_EQ(plan(peered(), without_b),
            "  ~ vnet a / peering a-to-b   Connected -> Disconnected: virtual network 'b' was removed\n"
            "      - route 10.1.0.0/16 VNetPeering b   'a-to-b' is Disconnected\n"
            "  - vnet b                    westus, 10.1.0.0/16\n"
            "  - vnet b / subnet default   10.1.0.0/24\n"
            "  - vnet b / peering b-to-a   to 'a'\n");
}

TEST(Changes, ARenamedPeeringIsAnotherOne) {
  auto renamed = peered();
  renamed.virtual_networks[1].peerings[0].name = "new";
  EXPECT_THAT(plan(peered(), renamed), testing::AllOf(testing::HasSubstr("Connected -> Disconnected: 'b-to-a' was removed"),
                                                      testing::HasSubstr("+ vnet b / peering new"),
                                                      testing::HasSubstr("'a-to-b' is Disconnected; remove it, too, then create both"),
                                                      testing::HasSubstr("- vnet b / peering b-to-a")));
}

// RT-1, SYNC-1
TEST(Changes, AnAddressSpaceReachesThePeers) {
  auto grown = peered();
  grown.virtual_networks[1].address_space = sample::prefixes({"10.1.0.0/16", "30.0.0.0/16"});
  EXPECT_EQ(plan(peered(), grown),
            "  ~ vnet a / peering a-to-b   address space of 'b': 10.1.0.0/16 -> 10.1.0.0/16, 30.0.0.0/16\n"
            "      + route 30.0.0.0/16 VNetPeering b   new in the address space of 'b'\n"
            "  ~ vnet b                    address space: 10.1.0.0/16 -> 10.1.0.0/16, 30.0.0.0/16\n"
            "      + route 30.0.0.0/16 VnetLocal   new in the address space of 'b'\n");
}

// RT-4
TEST(Changes, ABlockThatHoldsAPrivateRangeRemovesItsNoneRoute) {
  Model small;
  small.virtual_networks = {sample::network("a", {"192.168.0.0/17"}, {sample::subnet("default", {"192.168.0.0/24"})})};
  auto wide = small;
  wide.virtual_networks[0].address_space = sample::prefixes({"192.168.0.0/16"});
  EXPECT_EQ(plan(small, wide),
            "  ~ vnet a   address space: 192.168.0.0/17 -> 192.168.0.0/16\n"
            "      - route 192.168.0.0/17 VnetLocal   no longer in the address space of 'a'\n"
            "      - route 192.168.0.0/16 None        now inside a block of 'a'\n"
            "      + route 192.168.0.0/16 VnetLocal   new in the address space of 'a'\n");
}

// SEL-2
TEST(Changes, ARouteThatIsOverriddenSaysByWhat) {
  auto before = peered();
  before.virtual_networks[0].address_space = sample::prefixes({"30.0.0.0/16"});
  before.virtual_networks[0].subnets[0].address_prefixes = sample::prefixes({"30.0.0.0/24"});
  auto after = before;
  after.virtual_networks[1].address_space = sample::prefixes({"10.0.0.0/8"});
  EXPECT_THAT(plan(before, after), testing::HasSubstr("      - route 10.1.0.0/16 VNetPeering b   no longer in the address space of 'b'\n"
                                                      "      - route 10.0.0.0/8 None             replaced by a peering's route\n"
                                                      "      + route 10.0.0.0/8 VNetPeering b    new in the address space of 'b'\n"));
  EXPECT_THAT(plan(after, before),
              testing::HasSubstr("      + route 10.0.0.0/8 None             no longer replaced by a peering's route\n"));
}

// PEER-27: the cause is another network's change, so the subnet itself shows it.
TEST(Changes, ARouteWithoutAChangeToListItUnderIsListedUnderItsSubnet) {
  auto moved = peered();
  moved.virtual_networks[1].location = "eastus";
  EXPECT_EQ(plan(peered(), moved),
            "  ~ vnet a / subnet default   routes\n"
            "      - route 10.1.0.0/16 VNetPeering b         another location\n"
            "      + route 10.1.0.0/16 VNetGlobalPeering b   another location\n"
            "  ~ vnet b                    location: westus -> eastus\n"
            "  ~ vnet b / subnet default   routes\n"
            "      - route 10.0.0.0/16 VNetPeering a         another location\n"
            "      + route 10.0.0.0/16 VNetGlobalPeering a   another location\n");
}

TEST(Changes, RoutesOfAllSubnetsAreListedOnce) {
  auto before = two_networks();
  before.virtual_networks[0].subnets.push_back(sample::subnet("web", {"10.0.1.0/24"}));
  auto after = peered();
  after.virtual_networks[0].subnets = before.virtual_networks[0].subnets;
  after.virtual_networks[0].subnets.push_back(sample::subnet("new", {"10.0.2.0/24"}));
  EXPECT_EQ(plan(before, after),
            "  + vnet a / subnet new       10.0.2.0/24\n"
            "  + vnet a / peering a-to-b   to 'b', Connected\n"
            "      + route 10.1.0.0/16 VNetPeering b   'a-to-b' is Connected\n"
            "  + vnet b / peering b-to-a   to 'a', Connected\n"
            "      + route 10.0.0.0/16 VNetPeering a   'b-to-a' is Connected\n");
}

// PIP-6
TEST(Changes, TheSkuOfAPublicAddressIsItsMachines) {
  auto before = two_networks();
  before.virtual_machines = {sample::with_public(sample::machine("vm1", "a", "default")), sample::machine("vm2", "a", "default")};
  auto after = before;
  for (auto& machine : after.virtual_machines) machine.public_ip_address_sku = emu::PublicIpAddressSku::Basic;
  EXPECT_EQ(plan(before, after), "  ~ vm vm1   public address SKU: Standard -> Basic\n") << "vm2 has no address that could change";
}

TEST(Changes, AMachineSaysWhatDiffers) {
  auto before = two_networks();
  before.virtual_machines = {sample::machine("vm1", "a", "default"), sample::machine("vm2", "a", "default"),
                             sample::with_public(sample::machine("gone", "b", "default"))};
  auto after = before;
  after.virtual_machines.pop_back();
  after.virtual_machines[0] = sample::with_public(sample::machine("vm1", "b", "default"));
  after.virtual_machines[0].ip_forwarding = true;
  after.virtual_machines[1].web = 8080;
  after.virtual_machines[1].programs.run = {"sleep 1", "true"};
  EXPECT_EQ(plan(before, after),
            "  ~ vm vm1    subnet: a/default -> b/default; address: 10.0.0.4 -> 10.1.0.4; public address: none -> 203.0.113.4; "
            "ip forwarding: false -> true\n"
            "  ~ vm vm2    web: none -> 8080; run: none -> 'sleep 1', 'true'\n"
            "  - vm gone   10.1.0.4, public 203.0.113.4\n");
}

TEST(Changes, AnInternetHostSaysWhatDiffers) {
  Model before;
  before.internet.hosts = {sample::host("laptop", "203.0.113.200"), sample::host("gone", "203.0.113.201")};
  Model after;
  after.internet.hosts = {sample::host("laptop", "203.0.113.202"), sample::host("new", "203.0.113.200")};
  after.internet.hosts[0].web = 80;
  EXPECT_EQ(plan(before, after),
            "  ~ internet host laptop   address: 203.0.113.200 -> 203.0.113.202; web: none -> 80\n"
            "  + internet host new      203.0.113.200\n"
            "  - internet host gone     203.0.113.201\n");
}

TEST(Changes, APeeringsFlagsAndASubnetsPropertiesAreChanges) {
  auto after = peered();
  after.virtual_networks[0].peerings[0].allow_forwarded_traffic = true;
  after.virtual_networks[0].peerings[0].allow_virtual_network_access = false;
  after.virtual_networks[0].subnets[0].default_outbound_access = false;
  after.virtual_networks[1].subnets[0].address_prefixes = sample::prefixes({"10.1.1.0/24"});
  EXPECT_EQ(plan(peered(), after),
            "  ~ vnet a / subnet default   default outbound access: true -> false\n"
            "  ~ vnet a / peering a-to-b   allow virtual network access: true -> false; allow forwarded traffic: false -> true\n"
            "  ~ vnet b / subnet default   address prefixes: 10.1.0.0/24 -> 10.1.1.0/24\n");
}

TEST(Changes, AFlowLogSaysWhatDiffers) {
  Model before;
  before.flow_logs = {{"audit", "hub"}, {"gone", "hub/app"}};
  Model after;
  after.flow_logs = {{"Audit", "hub/app", false}, {"new", "vm1"}};
  EXPECT_EQ(plan(before, after),
            "  ~ flow log Audit   target: hub -> hub/app; enabled: true -> false\n"
            "  + flow log new     of vm1\n"
            "  - flow log gone    of hub/app\n");
}

// SEL-5: a route that a user's own overrides in one subnet comes about in the other one only, and is listed there.
TEST(Changes, ARouteThatOneOfTwoSubnetsGetsIsListedUnderThatSubnet) {
  Model model;
  model.lab = "lab";
  auto routed = sample::subnet("routed", {"10.0.0.0/24"});
  routed.route_table = "rt";
  model.virtual_networks = {sample::network("a", {"10.0.0.0/16"}, {routed, sample::subnet("plain", {"10.0.1.0/24"})}),
                            sample::network("b", {"10.1.0.0/16"})};
  model.virtual_networks[0].peerings = {sample::peering("to-b", "b")};
  model.virtual_networks[1].peerings = {sample::peering("to-a", "a")};
  model.route_tables = {sample::route_table("rt", {sample::route("own", "10.5.0.0/16", emu::NextHopType::None)})};
  const auto before = sample::resolved(model);
  model.virtual_networks[1].address_space = sample::prefixes({"10.1.0.0/16", "10.5.0.0/16"});
  const auto after = sample::resolved(model, &before);
  std::vector<std::string> with_routes;
  for (const auto& change : changes(&before, after))
    if (!change.consequences.empty()) with_routes.push_back(change.resource);
  EXPECT_THAT(with_routes, testing::ElementsAre("vnet a / subnet plain"));
}
