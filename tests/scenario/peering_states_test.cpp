// SPDX-License-Identifier: Apache-2.0
// tests/scenario/peering_states_test.cpp — PEER-1 to PEER-6 over successive `up`s, with packets; and the shape of `status --json`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenario/lab.hpp"

namespace test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> keys_of(const json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

class PeeringStates : public testing::Test {
 protected:
  CommandStreams up(const std::string& file) const {
    return lazuli({"up", "--replace", lab_.scenario_file(scenarios_folder() / "peering-states" / file)});
  }

  /// State and sync level of the link of the network, or null.
  json link_of(std::string_view network) const {
    const auto status = lab_.status();
    for (const auto& candidate : status["virtualNetworks"]) {
      if (candidate["name"] != network || candidate["virtualNetworkPeerings"].empty()) continue;
      const auto& link = candidate["virtualNetworkPeerings"][0];
      return {link["peeringState"], link["peeringSyncLevel"]};
    }
    return nullptr;
  }

  /// The file's own checks hold, too: they ping both ways.
  bool nothing_passes() const { return lab_.finds_silence("vm1", "10.2.0.4") && lab_.verify()["failed"] == 0; }

  bool passes() const { return lab_.reaches("vm1", "10.2.0.4") && lab_.reaches("vm2", "10.1.0.4") && lab_.verify()["failed"] == 0; }

  Lab lab_;
};

TEST_F(PeeringStates, FollowAzuresStateMachineWithPackets) {
  ASSERT_EQ(up("lab.yaml").status, 0);
  EXPECT_EQ(link_of("vnet1"), json({"Initiated", "RemoteNotInSync"}));  // PEER-1
  EXPECT_TRUE(nothing_passes());                                        // PEER-4

  ASSERT_EQ(up("2-both-sides.yaml").status, 0);
  EXPECT_EQ(link_of("vnet1"), json({"Connected", "FullyInSync"}));  // PEER-2
  EXPECT_EQ(link_of("vnet2"), json({"Connected", "FullyInSync"}));
  EXPECT_TRUE(passes());

  ASSERT_EQ(up("3-one-side-deleted.yaml").status, 0);
  EXPECT_EQ(link_of("vnet1"), json({"Disconnected", "RemoteNotInSync"}));  // PEER-5
  EXPECT_EQ(link_of("vnet2"), json());
  EXPECT_TRUE(nothing_passes());  // PEER-4

  const auto kernel = kernel_state_of(lab_.name());
  const auto status = lab_.status();
  const auto refused = up("4-made-again.refused.yaml");
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.errors, HasSubstr("[RemotePeeringIsDisconnected]"));  // PEER-6
  EXPECT_THAT(differences(kernel, kernel_state_of(lab_.name())), IsEmpty());
  EXPECT_EQ(lab_.status(), status);
  EXPECT_TRUE(nothing_passes());

  ASSERT_EQ(up("5-both-deleted.yaml").status, 0);
  EXPECT_EQ(link_of("vnet1"), json());
  EXPECT_TRUE(nothing_passes());

  ASSERT_EQ(up("6-both-made-again.yaml").status, 0);
  EXPECT_EQ(link_of("vnet1"), json({"Connected", "FullyInSync"}));
  EXPECT_EQ(link_of("vnet2"), json({"Connected", "FullyInSync"}));
  EXPECT_TRUE(passes());
}

// SUB-11, PEER-8: the link that pointed at a network which is gone stays, Disconnected, even when one of that name comes back.
TEST_F(PeeringStates, ALinkDoesNotRecoverWhenItsRemoteNetworkIsMadeAgain) {
  ASSERT_EQ(up("2-both-sides.yaml").status, 0);
  ASSERT_TRUE(passes());
  const std::string alone =
      "virtual_networks:\n"
      "  - {name: vnet1, address_space: [10.1.0.0/16], subnets: [{name: default, address_prefixes: [10.1.0.0/24]}],\n"
      "     peerings: [{name: vnet1-to-vnet2, remote_virtual_network: vnet2}]}\n"
      "virtual_machines: [{name: vm1, subnet: vnet1/default}]\n";
  lab_.build(alone);
  EXPECT_EQ(link_of("vnet1")[0], "Disconnected");
  EXPECT_EQ(up("2-both-sides.yaml").status, 2);
  ASSERT_EQ(up("3-one-side-deleted.yaml").status, 0);
  EXPECT_EQ(link_of("vnet1")[0], "Disconnected");
  EXPECT_TRUE(nothing_passes());
}

TEST_F(PeeringStates, StatusHasTheDocumentedShape) {
  ASSERT_EQ(up("2-both-sides.yaml").status, 0);
  const auto status = lab_.status();
  EXPECT_EQ(status["lab"], lab_.name());
  for (const auto* list : {"virtualNetworks", "virtualMachines", "virtualNetworkGateways", "connections", "storageAccounts"})
    EXPECT_TRUE(status[list].is_array()) << list;
  const auto& network = status["virtualNetworks"][0];
  EXPECT_THAT(keys_of(network), ElementsAre("addressSpace", "location", "name", "subnets", "virtualNetworkPeerings"));
  EXPECT_EQ(network["addressSpace"], json::parse(R"({"addressPrefixes": ["10.1.0.0/16"]})"));
  EXPECT_EQ(network["subnets"], json::parse(R"([{"name": "default", "addressPrefix": "10.1.0.0/24"}])"));
  EXPECT_EQ(network["virtualNetworkPeerings"], json::parse(R"([{"name": "vnet1-to-vnet2", "remoteVirtualNetwork": "vnet2",
                                                                 "peeringState": "Connected", "peeringSyncLevel": "FullyInSync"}])"));
  EXPECT_EQ(status["virtualMachines"][0],
            json::parse(R"({"name": "vm1", "subnet": "vnet1/default", "privateIPAddress": "10.1.0.4", "publicIPAddress": null})"));
}

}  // namespace
}  // namespace test
