// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "emu/verify/node_taps.hpp"
#include "emu/verify/path_observer.hpp"
#include "emu/verify/verify.hpp"

namespace emu {
namespace {

using testing::HasSubstr;

Check wants(Outcome expect, std::optional<Path> path = {}, int status = 0) {
  return {"vm1", CheckKind::Ping, "vm2", expect, status, path, "", {}, "", {}};
}

Check runs(int status, std::string output) {
  return {"vm1", CheckKind::Run, "x", Outcome::Status, status, {}, "", {}, std::move(output), {}};
}

constexpr int kExitStatusShift = 8;  // wait(2)

CommandResult ended(int status, std::vector<std::string> lines) { return {status << kExitStatusShift, false, std::move(lines)}; }

ProbeResult got(ProbeOutcome outcome, int status = 0) { return {outcome, status, {}, ""}; }

TEST(Judge, OnlySilenceIsBlocked) {
  const auto check = wants(Outcome::Blocked);
  EXPECT_TRUE(judge(check, got(ProbeOutcome::Blocked), {}).passed);
  for (const auto outcome :
       {ProbeOutcome::Reachable, ProbeOutcome::Status, ProbeOutcome::Refused, ProbeOutcome::Unreachable, ProbeOutcome::NoResponse})
    EXPECT_FALSE(judge(check, got(outcome), {}).passed) << to_string(outcome);
}

TEST(Judge, AnyHttpResponseIsReachable) {
  EXPECT_TRUE(judge(wants(Outcome::Reachable), got(ProbeOutcome::Status, 503), {}).passed);
  EXPECT_FALSE(judge(wants(Outcome::Reachable), got(ProbeOutcome::NoResponse), {}).passed);
  EXPECT_FALSE(judge(wants(Outcome::Reachable), got(ProbeOutcome::Refused), {}).passed);
}

TEST(Judge, OnlyARefusalIsRefused) {
  const auto check = wants(Outcome::Refused);
  EXPECT_TRUE(judge(check, got(ProbeOutcome::Refused), {}).passed);
  for (const auto outcome : {ProbeOutcome::Reachable, ProbeOutcome::Status, ProbeOutcome::Blocked, ProbeOutcome::Unreachable})
    EXPECT_FALSE(judge(check, got(outcome), {}).passed) << to_string(outcome);
}

TEST(Judge, TellsRefusedFromBlocked) {
  EXPECT_THAT(judge(wants(Outcome::Blocked), got(ProbeOutcome::Refused), {}).detail, HasSubstr("'expect: refused' is for that"));
  EXPECT_THAT(judge(wants(Outcome::Refused), got(ProbeOutcome::Blocked), {}).detail, HasSubstr("something drops it on the way"));
  EXPECT_THAT(judge(wants(Outcome::Reachable), got(ProbeOutcome::Refused), {}).detail, HasSubstr("nothing listens there"));
}

TEST(Judge, PacketsComeThroughTheNodesInTheirOrder) {
  auto check = wants(Outcome::Reachable);
  check.through = {"fw", "hub"};
  const std::vector<std::string> crosses{"vm1", "Hub", "fw", "Hub", "vm2"};
  EXPECT_TRUE(judge(check, got(ProbeOutcome::Reachable), {Path::Appliance, {{"vm1"}, crosses}}).passed);
  const auto past = judge(check, got(ProbeOutcome::Reachable), {Path::VirtualNetwork, {{"vm1", "hub", "vm2"}}});
  EXPECT_FALSE(past.passed);
  EXPECT_EQ(past.detail, "expected through fw, hub, it went vm1 -> hub -> vm2");
  EXPECT_EQ(judge(check, got(ProbeOutcome::Reachable), {}).detail, "expected through fw, hub, no packet left");
}

TEST(Judge, ACommandEndsWithItsStatusAndPrintsWhatItHasTo) {
  EXPECT_TRUE(judge(runs(0, ""), ended(0, {})).passed);
  EXPECT_TRUE(judge(runs(3, "^b.$"), ended(3, {"a", "bc", "d"})).passed);
  const auto status = judge(runs(0, ""), ended(3, {"1", "2", "3", "4", "5", "6"}));
  EXPECT_FALSE(status.passed);
  EXPECT_EQ(status.actual, "status 3");
  EXPECT_THAT(status.last_lines, testing::ElementsAre("2", "3", "4", "5", "6"));
  const auto output = judge(runs(0, "yes"), ended(0, {"no"}));
  EXPECT_FALSE(output.passed);
  EXPECT_EQ(output.detail, "expected output that matches 'yes', and no line does");
  EXPECT_EQ(judge(runs(0, ""), {9, false, {}}).actual, "signal 9 (Killed)");
}

TEST(Judge, ACommandThatDoesNotEndFails) {
  const auto late = judge(runs(0, ""), {{}, false, {}});
  EXPECT_FALSE(late.passed);
  EXPECT_EQ(late.actual, "timed out");
  EXPECT_EQ(late.detail, "it did not end within 30 s, and was ended");
  EXPECT_EQ(judge(runs(0, ""), {{}, true, {}}).actual, "interrupted");
}

TEST(PatienceFor, IsWhatTheCheckSays) {
  auto check = wants(Outcome::Blocked);
  EXPECT_EQ(patience_for(check).limit, std::chrono::milliseconds{1200});
  check.timeout = 7;
  EXPECT_EQ(patience_for(check).limit, std::chrono::seconds{7});
  EXPECT_FALSE(patience_for(wants(Outcome::Refused)).insists);
  EXPECT_TRUE(patience_for(wants(Outcome::Reachable)).insists);
}

netns::ProbePacket request() { return {}; }

TEST(WaysThrough, EachTryIsAWayOfItsOwn) {
  using netns::Direction;
  const auto seen = [](const char* node, Direction direction) { return Sighting{node, "eth0", direction, {}, request()}; };
  const std::vector<Sighting> sightings{seen("hub", Direction::In),  seen("vm1", Direction::Out), seen("hub", Direction::In),
                                        seen("hub", Direction::Out), seen("vm1", Direction::Out), seen("hub", Direction::In),
                                        seen("vm2", Direction::In)};
  EXPECT_EQ(ways_through(sightings, "vm1"), (std::vector<std::vector<std::string>>{{"vm1", "hub"}, {"vm1", "hub", "vm2"}}));
}

TEST(Judge, AStatusMustBeTheOne) {
  EXPECT_TRUE(judge(wants(Outcome::Status, {}, 403), got(ProbeOutcome::Status, 403), {}).passed);
  const auto other = judge(wants(Outcome::Status, {}, 403), got(ProbeOutcome::Status, 200), {});
  EXPECT_FALSE(other.passed);
  EXPECT_EQ(other.actual, "200");
}

TEST(Judge, APathMustBeTheMeasuredOne) {
  const auto check = wants(Outcome::Reachable, Path::Peering);
  EXPECT_TRUE(judge(check, got(ProbeOutcome::Reachable), {Path::Peering}).passed);
  const auto other = judge(check, got(ProbeOutcome::Reachable), {Path::Internet});
  EXPECT_FALSE(other.passed);
  EXPECT_EQ(other.detail, "expected path 'peering', seen on path 'internet'");
  const auto unseen = judge(check, got(ProbeOutcome::Reachable), {});
  EXPECT_FALSE(unseen.passed);
  EXPECT_EQ(unseen.detail, "expected path 'peering', seen on no link");
}

TEST(Judge, SaysHowLongItWaitedInVain) {
  EXPECT_EQ(judge(wants(Outcome::Reachable), got(ProbeOutcome::Blocked), {}).detail, "nothing came back within 5.0 s");
  EXPECT_EQ(judge(wants(Outcome::Blocked), got(ProbeOutcome::Blocked), {}).detail, "");
}

TEST(PathOfLink, IsToldByWhereThePacketWas) {
  EXPECT_EQ(path_of_link("internet", "vnet-vnet1"), Path::Internet);
  EXPECT_EQ(path_of_link("internet", "peer-x"), Path::Internet);
  EXPECT_EQ(path_of_link("vnet1", "peer-vnet2"), Path::Peering);
  EXPECT_EQ(path_of_link("vnet1", "via-10.0.2.4"), Path::Peering);
  EXPECT_EQ(path_of_link("vnet1", "for-spoke@abc"), Path::Peering);
  EXPECT_EQ(path_of_link("vnet1", "br-default"), Path::VirtualNetwork);
  EXPECT_EQ(path_of_link("vnet1", "internet"), Path::VirtualNetwork);
}

TEST(PathOfLink, TheFurtherOneCounts) {
  EXPECT_EQ(further(Path::VirtualNetwork, Path::Peering), Path::Peering);
  EXPECT_EQ(further(Path::Internet, Path::Peering), Path::Internet);
  EXPECT_EQ(further(Path::Appliance, Path::Internet), Path::Appliance);
}

}  // namespace
}  // namespace emu
