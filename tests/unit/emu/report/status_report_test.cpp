// SPDX-License-Identifier: Apache-2.0
#include "emu/report/status_report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emu/report/next_steps.hpp"
#include "emu/report/nodes_report.hpp"
#include "emu/semantics/resolve.hpp"
#include "tests/unit/emu/sample_model.hpp"

using emu::Model;
namespace sample = emu::sample;

namespace {

Model two_vnets() {
  Model model;
  model.lab = "two-vnets";
  model.virtual_networks = {sample::network("vnet1", {"10.1.0.0/16"}, {sample::subnet("default", {"10.1.0.0/24"})}),
                            sample::network("vnet2", {"10.2.0.0/16"}, {sample::subnet("default", {"10.2.0.0/24"})})};
  model.virtual_networks[0].peerings = {sample::peering("one-to-two", "vnet2")};
  model.virtual_networks[1].peerings = {sample::peering("two-to-one", "vnet1")};
  model.virtual_machines = {sample::with_public(sample::machine("vm1", "vnet1", "default")),
                            sample::with_public(sample::machine("vm2", "vnet2", "default"))};
  model.virtual_machines[1].web = 80;
  return model;
}

Model resolved(const Model& model) { return resolve(model, nullptr).model; }

}  // namespace

TEST(NextSteps, LeadToWhatTheLabCanShow) {
  auto model = two_vnets();
  EXPECT_EQ(next_steps(resolved(model), false),
            "  Try:   sudo lazuli exec vm1 -- curl http://10.2.0.4/   the page of vm2\n"
            "         sudo lazuli trace vm1 vm2                       the way there, node by node\n"
            "         sudo lazuli shell vm1                           a shell in vm1\n"
            "         sudo lazuli routes vm1                          where its packets go\n"
            "         sudo lazuli down two-vnets                      removes all of it\n");
  model.virtual_networks[0].peerings.clear();
  EXPECT_EQ(next_steps(resolved(model), true),
            "  Try:   sudo lazuli shell -l two-vnets vm1    a shell in vm1\n"
            "         sudo lazuli routes -l two-vnets vm1   where its packets go\n"
            "         sudo lazuli down two-vnets            removes all of it\n")
      << "nothing that would not work, and which lab where several run";
}

TEST(UpSummary, ListsNodesAndPairs) {
  EXPECT_EQ(up_summary(resolved(two_vnets())),
            "  NODE   SUBNET          PRIVATE    PUBLIC        SERVES\n"
            "  vm1    vnet1/default   10.1.0.4   203.0.113.4\n"
            "  vm2    vnet2/default   10.2.0.4   203.0.113.5   http://10.2.0.4/\n"
            "\n"
            "  vnet1 <-> vnet2   peering Connected (westus - westus)\n");
}

TEST(UpSummary, NamesThePortOfAPageAndTheHostsOfTheInternet) {
  Model model;
  model.internet.hosts = {sample::host("laptop", "203.0.113.200")};
  model.internet.hosts[0].web = 8080;
  EXPECT_EQ(up_summary(model),
            "  NODE     SUBNET     PRIVATE   PUBLIC          SERVES\n"
            "  laptop   internet             203.0.113.200   http://203.0.113.200:8080/\n");
  EXPECT_EQ(up_summary(Model{}), "");
}

// PEER-1
TEST(PeeringsSummary, SaysWhatAOneSidedPeeringWaitsFor) {
  auto model = two_vnets();
  model.virtual_networks[1].peerings.clear();
  EXPECT_EQ(peerings_summary(resolved(model)), "  vnet1 -> vnet2   peering Initiated: 'vnet2' has no peering to 'vnet1' yet\n");
}

// PEER-5, PEER-6, SUB-11
TEST(PeeringsSummary, SaysWhyALinkIsDisconnected) {
  const auto running = resolved(two_vnets());
  auto model = two_vnets();
  model.virtual_networks[1].peerings.clear();
  const auto one_side = resolve(model, &running).model;
  EXPECT_EQ(peerings_summary(one_side), "  vnet1 -> vnet2   peering Disconnected: 'vnet2' has no peering to 'vnet1' any more\n");
  EXPECT_EQ(peerings_summary(resolve(two_vnets(), &one_side).model),
            "  vnet1 -> vnet2   peering Disconnected: the other side was removed; remove 'one-to-two', too, then create both\n"
            "  vnet2 -> vnet1   peering Initiated: 'one-to-two' is Disconnected; remove it, too, then create both\n");
  model.virtual_networks.pop_back();
  EXPECT_EQ(peerings_summary(resolve(model, &running).model),
            "  vnet1 -> vnet2   peering Disconnected: virtual network 'vnet2' was removed\n");
}

TEST(NodesSummary, CountsTheMachinesOfALargeLabPerSubnet) {
  auto model = two_vnets();
  for (int i = 0; i < 38; ++i) model.virtual_machines.push_back(sample::machine("more" + std::to_string(i), "VNET1", "default"));
  EXPECT_EQ(nodes_summary(resolved(model)), nodes_table(resolved(model))) << "40 machines are listed";
  model.virtual_machines.push_back(sample::with_public(sample::machine("last", "vnet1", "default")));
  model.internet.hosts = {sample::host("laptop", "203.0.113.200")};
  EXPECT_EQ(nodes_summary(resolved(model)),
            "  SUBNET          NODES   PRIVATE                PUBLIC                         SERVING\n"
            "  vnet1/default   40      10.1.0.4 - 10.1.0.43   2: 203.0.113.4 - 203.0.113.6\n"
            "  vnet2/default   1       10.2.0.4               203.0.113.5                    1\n"
            "  internet        1                              203.0.113.200\n");
}

TEST(PeeringsSummary, CountsThePairsOfALargeLab) {
  Model model;
  model.virtual_networks = {sample::network("hub", {"10.0.0.0/16"})};
  for (int i = 1; i <= 41; ++i) {
    const auto name = "spoke" + std::to_string(i);
    const auto block = "10." + std::to_string(i) + ".0.0/16";
    model.virtual_networks.push_back(sample::network(name, {block}));
    model.virtual_networks[0].peerings.push_back(sample::peering("to-" + name, name));
    model.virtual_networks.back().peerings.push_back(sample::peering("to-hub", "hub"));
  }
  model.virtual_networks.push_back(sample::network("late", {"10.99.0.0/16"}));
  model.virtual_networks.back().peerings.push_back(sample::peering("to-hub", "hub"));
  EXPECT_EQ(peerings_summary(resolved(model)),
            "  41 pairs      peering Connected\n"
            "  late -> hub   peering Initiated: 'hub' has no peering to 'late' yet\n");
}

TEST(StatusText, ListsEverything) {
  auto model = two_vnets();
  model.virtual_networks[0].address_space.push_back(sample::prefixes({"10.3.0.0/16"})[0]);
  model.virtual_networks[0].subnets.push_back(sample::subnet("web", {"10.1.1.0/24", "10.3.0.0/24"}));
  model.virtual_networks[1].peerings.clear();
  EXPECT_EQ(status_text(resolved(model)),
            "two-vnets\n"
            "\n"
            "  VNET    LOCATION   ADDRESS SPACE   SUBNET    PREFIX\n"
            "  vnet1   westus     10.1.0.0/16     default   10.1.0.0/24\n"
            "                     10.3.0.0/16     web       10.1.1.0/24\n"
            "                                               10.3.0.0/24\n"
            "  vnet2   westus     10.2.0.0/16     default   10.2.0.0/24\n"
            "\n"
            "  PEERING      VNET    REMOTE VNET   STATE       SYNC LEVEL\n"
            "  one-to-two   vnet1   vnet2         Initiated   RemoteNotInSync   'vnet2' has no peering to 'vnet1' yet\n"
            "\n"
            "  NODE   SUBNET          PRIVATE    PUBLIC        SERVES\n"
            "  vm1    vnet1/default   10.1.0.4   203.0.113.4\n"
            "  vm2    vnet2/default   10.2.0.4   203.0.113.5   http://10.2.0.4/\n");
  EXPECT_EQ(status_text(Model{}), "\n");
}

TEST(StatusJson, HasArmsPropertyNames) {
  auto model = two_vnets();
  model.virtual_networks.pop_back();
  model.virtual_networks[0].subnets.push_back(sample::subnet("web", {"10.1.1.0/24", "10.1.2.0/24"}));
  model.virtual_machines.pop_back();
  model.virtual_machines.push_back(sample::machine("vm3", "vnet1", "default"));
  model.internet.hosts = {sample::host("laptop", "203.0.113.200")};
  const auto json = nlohmann::ordered_json::parse(status_json(resolved(model)));
  EXPECT_EQ(
      json.dump(),
      R"({"lab":"two-vnets","virtualNetworks":[{"name":"vnet1","location":"westus","addressSpace":{"addressPrefixes":["10.1.0.0/16"]},)"
      R"("subnets":[{"name":"default","addressPrefix":"10.1.0.0/24"},{"name":"web","addressPrefixes":["10.1.1.0/24","10.1.2.0/24"]}],)"
      R"("virtualNetworkPeerings":[{"name":"one-to-two","remoteVirtualNetwork":"vnet2","peeringState":"Initiated",)"
      R"("peeringSyncLevel":"RemoteNotInSync"}]}],)"
      R"("virtualMachines":[{"name":"vm1","subnet":"vnet1/default","privateIPAddress":"10.1.0.4","publicIPAddress":"203.0.113.4"},)"
      R"({"name":"vm3","subnet":"vnet1/default","privateIPAddress":"10.1.0.5","publicIPAddress":null}],)"
      R"("virtualNetworkGateways":[],"localNetworkGateways":[],"connections":[],"onPremises":[],"storageAccounts":[],"services":[],"internetHosts":[{"name":"laptop","ipAddress":"203.0.113.200"}]})");
}

TEST(StatusJson, OfAnEmptyLabHasEveryList) {
  const auto json = nlohmann::json::parse(status_json(Model{}));
  for (const char* key :
       {"virtualNetworks", "virtualMachines", "virtualNetworkGateways", "connections", "storageAccounts", "internetHosts"})
    EXPECT_TRUE(json[key].is_array()) << key;
}
