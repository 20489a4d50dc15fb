// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/peering_state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "emu/semantics/resolve.hpp"
#include "tests/unit/emu/sample_model.hpp"

using emu::Model;
using emu::next_peering_status;
using emu::PeeringState;
using testing::ElementsAre;
using testing::IsEmpty;
namespace sample = emu::sample;

namespace {

/// One lab file after another: the links of `a` and of `b` that it declares by name, and what their states must be then.
struct Step {
  const char* does;
  std::vector<std::string> a;
  std::vector<std::string> b;
  std::string states;  ///< `name=State name=State`, those of `a` first
  bool b_exists = true;
};

struct Story {
  const char* name;
  std::vector<Step> steps;
};

Model model_of(const Step& step) {
  Model model;
  model.virtual_networks = {sample::network("a", {"10.0.0.0/16"})};
  for (const auto& name : step.a) model.virtual_networks[0].peerings.push_back(sample::peering(name, "b"));
  if (!step.b_exists) return model;
  model.virtual_networks.push_back(sample::network("b", {"10.1.0.0/16"}));
  for (const auto& name : step.b) model.virtual_networks[1].peerings.push_back(sample::peering(name, "a"));
  return model;
}

std::string states(const Model& model) {
  std::string out;
  for (const auto& network : model.virtual_networks) {
    for (const auto& link : network.peerings) {
      if (!out.empty()) out += ' ';
      out += link.name + '=' + std::string(to_string(link.peering_state));
    }
  }
  return out;
}

std::ostream& operator<<(std::ostream& out, const Story& story) { return out << story.name; }

class PeeringStates : public testing::TestWithParam<Story> {};

}  // namespace

TEST_P(PeeringStates, FollowAzuresStateMachine) {
  std::optional<Model> running;
  for (const auto& step : GetParam().steps) {
    const auto resolved = emu::resolve(model_of(step), running ? &*running : nullptr).model;
    EXPECT_EQ(states(resolved), step.states) << GetParam().name << ": " << step.does;
    EXPECT_EQ(emu::resolve(model_of(step), &resolved).model, resolved) << "the same file again changes nothing: " << step.does;
    running = resolved;
  }
}

INSTANTIATE_TEST_SUITE_P(Stories, PeeringStates,
                         testing::Values(Story{"CreatedOneAfterTheOther",
                                               {{"first side", {"ab"}, {}, "ab=Initiated"},                      // PEER-1
                                                {"second side", {"ab"}, {"ba"}, "ab=Connected ba=Connected"}}},  // PEER-2
                                         Story{"CreatedBothAtOnce", {{"both", {"ab"}, {"ba"}, "ab=Connected ba=Connected"}}},
                                         Story{"OneSideDeletedAndRecreated",
                                               {{"both", {"ab"}, {"ba"}, "ab=Connected ba=Connected"},
                                                {"delete ba", {"ab"}, {}, "ab=Disconnected"},                   // PEER-5
                                                {"create ba", {"ab"}, {"ba"}, "ab=Disconnected ba=Initiated"},  // PEER-6: no repair
                                                {"delete ab too", {}, {"ba"}, "ba=Initiated"},
                                                {"create ab", {"ab"}, {"ba"}, "ab=Connected ba=Connected"}}},
                                         Story{"BothSidesDeletedAndRecreated",
                                               {{"both", {"ab"}, {"ba"}, "ab=Connected ba=Connected"},
                                                {"delete ab", {}, {"ba"}, "ba=Disconnected"},
                                                {"delete ba", {}, {}, ""},
                                                {"create both", {"ab"}, {"ba"}, "ab=Connected ba=Connected"}}},  // PEER-5: the recovery
                                         Story{"NetworkDeletedAndRecreated",
                                               {{"both", {"ab"}, {"ba"}, "ab=Connected ba=Connected"},
                                                {"delete b", {"ab"}, {}, "ab=Disconnected", false},                            // SUB-11
                                                {"create b with its link", {"ab"}, {"ba"}, "ab=Disconnected ba=Initiated"}}},  // PEER-8
                                         Story{"OneSideRenamed",
                                               {{"both", {"ab"}, {"ba"}, "ab=Connected ba=Connected"},
                                                {"rename ba", {"ab"}, {"ba2"}, "ab=Disconnected ba2=Initiated"}}},  // PEER-8: another link
                                         Story{"BothSidesRenamed",
                                               {{"both", {"ab"}, {"ba"}, "ab=Connected ba=Connected"},
                                                {"rename both", {"ab2"}, {"ba2"}, "ab2=Connected ba2=Connected"}}},
                                         Story{"DisconnectedSideReplaced",
                                               {{"both", {"ab"}, {"ba"}, "ab=Connected ba=Connected"},
                                                {"delete ba", {"ab"}, {}, "ab=Disconnected"},
                                                {"replace ab, create ba", {"ab2"}, {"ba"}, "ab2=Connected ba=Connected"}}},
                                         Story{"InitiatedSideRenamed",
                                               {{"first side", {"ab"}, {}, "ab=Initiated"},
                                                {"rename it", {"ab2"}, {}, "ab2=Initiated"},
                                                {"second side", {"ab2"}, {"ba"}, "ab2=Connected ba=Connected"}}},
                                         Story{"CaseOfANameDoesNotMatter",  // NAME-4
                                               {{"both", {"ab"}, {"ba"}, "ab=Connected ba=Connected"},
                                                {"other case", {"AB"}, {"Ba"}, "AB=Connected Ba=Connected"}}}),
                         [](const auto& story) { return std::string(story.param.name); });

// PEER-2: the two ends see the same moment from both sides.
TEST(PeeringStatus, ConnectsBothLinksOrNeither) {
  const std::vector<std::optional<PeeringState>> all{std::nullopt, PeeringState::Initiated, PeeringState::Connected,
                                                     PeeringState::Disconnected};
  for (const auto& one : all) {
    for (const auto& other : all) {
      EXPECT_EQ(next_peering_status(one, other, true).state == PeeringState::Connected,
                next_peering_status(other, one, true).state == PeeringState::Connected);
      EXPECT_NE(next_peering_status(one, other, false).state, PeeringState::Connected);
    }
  }
}

// PEER-2, PEER-3
TEST(PeeringStatus, IsFullyInSyncOnlyWhenConnected) {
  for (const auto before : {PeeringState::Initiated, PeeringState::Connected, PeeringState::Disconnected}) {
    for (const bool declared : {false, true}) {
      const auto status = next_peering_status(before, before, declared);
      EXPECT_EQ(status.sync_level == emu::PeeringSyncLevel::FullyInSync, status.state == PeeringState::Connected);
    }
  }
}

TEST(Peerings, ThatPointAtTheirOwnNetworkOrAtNothingStayInitiated) {
  Model model;
  model.virtual_networks = {sample::network("a", {"10.0.0.0/16"})};
  model.virtual_networks[0].peerings = {sample::peering("self", "a"), sample::peering("lost", "nowhere")};
  EXPECT_EQ(states(emu::resolve(model, nullptr).model), "self=Initiated lost=Initiated");
}

TEST(Peerings, KeepTheBlocksOfANetworkThatIsGone) {
  const auto before = emu::resolve(model_of({"", {"ab"}, {"ba"}, ""}), nullptr).model;
  const auto now = emu::resolve(model_of({"", {"ab"}, {}, "", false}), &before).model;
  EXPECT_EQ(now.virtual_networks[0].peerings[0].remote_address_space, sample::prefixes({"10.1.0.0/16"}));
}

// SYNC-1..4
TEST(Peerings, SyncTheAddressSpaceOfAConnectedNetworkAndSaySo) {
  auto model = model_of({"", {"a-to-b"}, {"b-to-a"}, ""});
  const auto before = emu::resolve(model, nullptr);
  EXPECT_THAT(before.notes, IsEmpty());
  model.virtual_networks[1].address_space = sample::prefixes({"10.1.0.0/16", "10.9.0.0/16"});
  const auto after = emu::resolve(model, &before.model);
  EXPECT_EQ(after.model.virtual_networks[0].peerings[0].remote_address_space, sample::prefixes({"10.1.0.0/16", "10.9.0.0/16"}));
  EXPECT_THAT(after.notes,
              ElementsAre("peering 'a-to-b' of 'a': synced the address space of 'b' (10.1.0.0/16 -> 10.1.0.0/16, 10.9.0.0/16)"));
}
