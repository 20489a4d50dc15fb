// SPDX-License-Identifier: Apache-2.0
#include "emu/report/plan_report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace {

using emu::Change;

const std::vector<Change> kChanges{
    {Change::Kind::Update,
     "vnet a / peering a-to-b",
     "Initiated -> Connected: the other side exists now",
     {{Change::Kind::Create, "route 10.2.0.0/16 VNetPeering b", "'a-to-b' is Connected"}}},
    {Change::Kind::Create, "vnet b", "10.2.0.0/16, westus", {}},
    {Change::Kind::Delete, "vm old", "10.1.0.9", {}},
};

}  // namespace

TEST(PlanReport, PutsWhatFollowsBelowItsCause) {
  EXPECT_EQ(emu::render_changes(kChanges),
            "  ~ vnet a / peering a-to-b   Initiated -> Connected: the other side exists now\n"
            "      + route 10.2.0.0/16 VNetPeering b   'a-to-b' is Connected\n"
            "  + vnet b                    10.2.0.0/16, westus\n"
            "  - vm old                    10.1.0.9\n");
}

TEST(PlanReport, SaysTheSameInJsonInTheWordsOfWhatIf) {
  const auto document = nlohmann::json::parse(emu::changes_json("x", kChanges, {"a note"}, {"x.a: add route"}));
  EXPECT_EQ(document["lab"], "x");
  EXPECT_EQ(document["notes"], nlohmann::json::parse(R"(["a note"])"));
  EXPECT_EQ(document["steps"], nlohmann::json::parse(R"(["x.a: add route"])"));
  ASSERT_EQ(document["changes"].size(), 3U);
  EXPECT_EQ(document["changes"][0], nlohmann::json::parse(R"({
    "changeType": "Modify",
    "resource": "vnet a / peering a-to-b",
    "detail": "Initiated -> Connected: the other side exists now",
    "consequences": [{"changeType": "Create", "text": "route 10.2.0.0/16 VNetPeering b", "reason": "'a-to-b' is Connected"}]})"));
  EXPECT_EQ(document["changes"][1]["changeType"], "Create");
  EXPECT_EQ(document["changes"][1]["consequences"], nlohmann::json::array());
  EXPECT_EQ(document["changes"][2]["changeType"], "Delete");
}
