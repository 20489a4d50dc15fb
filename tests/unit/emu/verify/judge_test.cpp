// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "emu/verify/path_observer.hpp"
#include "emu/verify/verify.hpp"

namespace emu {
namespace {

Check wants(Outcome expect, std::optional<Path> path = {}, int status = 0) { return {"vm1", CheckKind::Ping, "vm2", expect, status, path}; }

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

TEST(Judge, AStatusMustBeTheOne) {
  EXPECT_TRUE(judge(wants(Outcome::Status, {}, 403), got(ProbeOutcome::Status, 403), {}).passed);
  const auto other = judge(wants(Outcome::Status, {}, 403), got(ProbeOutcome::Status, 200), {});
  EXPECT_FALSE(other.passed);
  EXPECT_EQ(other.actual, "200");
}

TEST(Judge, APathMustBeTheMeasuredOne) {
  const auto check = wants(Outcome::Reachable, Path::Peering);
  EXPECT_TRUE(judge(check, got(ProbeOutcome::Reachable), Path::Peering).passed);
  const auto other = judge(check, got(ProbeOutcome::Reachable), Path::Internet);
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
