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
using emu::next_peering_state;
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
      EXPECT_EQ(next_peering_state(one, other, true) == PeeringState::Connected,
                next_peering_state(other, one, true) == PeeringState::Connected);
      EXPECT_NE(next_peering_state(one, other, false), PeeringState::Connected);
    }
  }
}

// PEER-3, SYNC-3
TEST(PeeringSyncLevels, SayWhoseAddressSpaceIsNotKnown) {
  using enum emu::PeeringSyncLevel;
  EXPECT_EQ(emu::peering_sync_level(PeeringState::Connected, true, true), FullyInSync);
  EXPECT_EQ(emu::peering_sync_level(PeeringState::Connected, false, true), LocalNotInSync) << "the remote network has changed";
  EXPECT_EQ(emu::peering_sync_level(PeeringState::Connected, true, false), RemoteNotInSync) << "this one has";
  EXPECT_EQ(emu::peering_sync_level(PeeringState::Connected, false, false), LocalAndRemoteNotInSync);
  for (const auto state : {PeeringState::Initiated, PeeringState::Disconnected}) {
    EXPECT_EQ(emu::peering_sync_level(state, true, true), RemoteNotInSync) << "PEER-1: never FullyInSync";
    EXPECT_EQ(emu::peering_sync_level(state, true, false), RemoteNotInSync);
    EXPECT_EQ(emu::peering_sync_level(state, false, true), LocalNotInSync);
    EXPECT_EQ(emu::peering_sync_level(state, false, false), LocalAndRemoteNotInSync);
  }
}

// SYNC-3: a link that is Disconnected learns nothing any more.
TEST(PeeringSyncLevels, OfADisconnectedLinkTellThatTheRemoteHasChanged) {
  const auto level_of = [](const Model& model) { return to_string(model.virtual_networks[0].peerings[0].peering_sync_level); };
  const auto before = emu::resolve(model_of({"", {"ab"}, {"ba"}, ""}), nullptr).model;
  EXPECT_EQ(level_of(before), "FullyInSync");
  const auto lost = emu::resolve(model_of({"", {"ab"}, {}, ""}), &before).model;
  EXPECT_EQ(level_of(lost), "RemoteNotInSync");
  auto model = model_of({"", {"ab"}, {}, ""});
  model.virtual_networks[1].address_space = sample::prefixes({"10.7.0.0/16"});
  const auto moved = emu::resolve(model, &lost).model;
  EXPECT_EQ(level_of(moved), "LocalAndRemoteNotInSync");
  EXPECT_EQ(moved.virtual_networks[0].peerings[0].remote_address_space, sample::prefixes({"10.1.0.0/16"})) << "what it knew";
  EXPECT_EQ(emu::resolve(model, &moved).model, moved);
  model.virtual_networks[1].peerings = {sample::peering("ba", "a")};
  EXPECT_EQ(level_of(emu::resolve(model, &moved).model), "LocalNotInSync") << "the new link back knows this network";
}

// PEER-4
TEST(IdlePeerings, AreOnesOwnAndThoseOfTheOtherSide) {
  const auto model = emu::resolve(model_of({"", {"ab"}, {}, ""}), nullptr).model;
  const std::string words = "peering 'ab' of 'a' is only Initiated: 'b' has no peering to 'a' yet";
  const auto own = idle_peerings(model, model.virtual_networks[0]);
  EXPECT_EQ(idle_peering_to(own, sample::address("10.1.0.4")), words);
  EXPECT_EQ(idle_peering_to(own, sample::address("10.2.0.4")), "");
  EXPECT_EQ(idle_peering_to(idle_peerings(model, model.virtual_networks[1]), sample::address("10.0.0.4")), words);

  const auto both = emu::resolve(model_of({"", {"ab"}, {"ba"}, ""}), nullptr).model;
  EXPECT_THAT(idle_peerings(both, both.virtual_networks[0]), IsEmpty());
  const auto lost = emu::resolve(model_of({"", {"ab"}, {}, ""}), &both).model;
  EXPECT_EQ(idle_peering_to(idle_peerings(lost, lost.virtual_networks[0]), sample::address("10.1.0.4")),
            "peering 'ab' of 'a' is Disconnected: 'b' has no peering to 'a' any more");
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
