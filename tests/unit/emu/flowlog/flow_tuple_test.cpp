// SPDX-License-Identifier: Apache-2.0
#include "emu/flowlog/flow_tuple.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "emu/report/flow_log_report.hpp"
#include "emu/semantics/resolve.hpp"
#include "tests/unit/emu/sample_model.hpp"

namespace sample = emu::sample;
using emu::FlowState;
using emu::FlowTime;
using emu::FlowTuple;
using emu::Model;
using nlohmann::json;
using std::chrono::milliseconds;

namespace {

constexpr FlowTime kTime{milliseconds{1663146003599}};

Model logged_model() {
  Model model;
  model.lab = "lab";
  model.resource_group = "myrg";
  model.virtual_networks = {sample::network("net", {"10.0.0.0/16"}, {sample::subnet("app", {"10.0.0.0/24"})})};
  model.virtual_networks[0].location = "westus";
  model.virtual_machines = {sample::with_private(sample::machine("vm1", "net", "app"), "10.0.0.6")};
  model.flow_logs = {{"audit", "net"}, {"part", "net/app"}, {"vm", "vm1"}};
  return emu::resolve(model, nullptr).model;
}

FlowTuple begin() {
  return {kTime,
          {6, sample::address("10.0.0.6"), sample::address("52.239.184.180"), 23956, 443},
          emu::FlowDirection::Outbound,
          FlowState::Begin,
          {},
          {}};
}

json record(const std::string& log) {
  auto end = begin();
  end.time += milliseconds{7};
  end.state = FlowState::End;
  end.sent = {3, 767};
  end.received = {2, 1580};
  const auto records = flow_records(logged_model(),
                                    {{{log, "vm1", "nsg", "DefaultRule_AllowInternetOutBound"}, begin()},
                                     {{log, "vm1", "nsg", "DefaultRule_AllowInternetOutBound"}, end},
                                     {{log, "vm1", "", "PlatformRule"}, begin()}},
                                    kTime);
  return json::parse(records.at(0).second);
}

}  // namespace

// FLOW-2
TEST(FlowTuple, ReadsAsAzureWritesIt) {
  constexpr std::string_view kText = "1663146003599,10.0.0.6,52.239.184.180,23956,443,6,O,B,NX,0,0,0,0";
  EXPECT_EQ(to_string(begin()), kText);
  EXPECT_EQ(emu::parse_flow_tuple(kText), begin());
  EXPECT_EQ(to_string(*emu::parse_flow_tuple("1,10.0.0.6,10.0.0.7,0,0,1,I,D,NX,0,0,0,0")), "1,10.0.0.6,10.0.0.7,0,0,1,I,D,NX,0,0,0,0");
  for (const auto* wrong : {"", "1", "1,10.0.0.6,10.0.0.7,0,0,1,I,D,NX,0,0,0", "1,10.0.0.6,10.0.0.7,0,0,1,I,D,NX,0,0,0,0,0",
                            "1,10.0.0.6,10.0.0.7,0,0,1,I,X,NX,0,0,0,0", "1,10.0.0.6,10.0.0.7,0,70000,1,I,D,NX,0,0,0,0"})
    EXPECT_EQ(emu::parse_flow_tuple(wrong), std::nullopt) << wrong;
}

// FLOW-1
TEST(FlowRecords, HaveTheShapeOfAzures) {
  const auto audit = record("audit");
  EXPECT_EQ(audit["time"], "2022-09-14T09:00:03.5990000Z");
  EXPECT_EQ(audit["flowLogVersion"], 4);
  EXPECT_EQ(audit["macAddress"], "000D3A000006");
  EXPECT_EQ(audit["category"], "FlowLogFlowEvent");
  EXPECT_EQ(audit["operationName"], "FlowLogFlowEvent");
  EXPECT_EQ(audit["flowLogResourceID"],
            "/SUBSCRIPTIONS/00000000-0000-0000-0000-000000000000/RESOURCEGROUPS/NETWORKWATCHERRG/PROVIDERS/MICROSOFT.NETWORK/"
            "NETWORKWATCHERS/NETWORKWATCHER_WESTUS/FLOWLOGS/AUDIT");
  const std::string mine = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/myrg/providers/Microsoft.Network/";
  const std::string of_network = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/lab/providers/Microsoft.Network/";
  EXPECT_EQ(audit["targetResourceID"], of_network + "virtualNetworks/net") << "the network has a group of its own";
  EXPECT_EQ(record("part")["targetResourceID"], of_network + "virtualNetworks/net/subnets/app");
  EXPECT_EQ(record("vm")["targetResourceID"], mine + "networkInterfaces/vm1");
  EXPECT_EQ(
      audit["flowRecords"]["flows"],
      (json::array({{{"aclID", "00000000-0000-0000-0000-000000000000"},
                     {"flowGroups", json::array({{{"rule", "PlatformRule"},
                                                  {"flowTuples", {"1663146003599,10.0.0.6,52.239.184.180,23956,443,6,O,B,NX,0,0,0,0"}}}})}},
                    {{"aclID", emu::guid_of("networkSecurityGroups/nsg")},
                     {"flowGroups", json::array({{{"rule", "DefaultRule_AllowInternetOutBound"},
                                                  {"flowTuples",
                                                   {"1663146003599,10.0.0.6,52.239.184.180,23956,443,6,O,B,NX,0,0,0,0",
                                                    "1663146003606,10.0.0.6,52.239.184.180,23956,443,6,O,E,NX,3,767,2,1580"}}}})}}})));
  EXPECT_EQ(audit["flowLogGUID"], record("audit")["flowLogGUID"]);
  EXPECT_NE(audit["flowLogGUID"], record("part")["flowLogGUID"]);
}

TEST(FlowLogReport, IsATableInTheOrderOfTime) {
  const auto table = emu::FlowLogTable(logged_model()).rows({record("audit").dump(), "not a record"});
  EXPECT_EQ(
      table,
      "TIME           MACHINE   DIRECTION   PROTOCOL   SOURCE           DESTINATION          STATE   RULE                                "
      "SENT    RECEIVED\n"
      "09:00:03.599   vm1       out         TCP        10.0.0.6:23956   52.239.184.180:443   begin   PlatformRule\n"
      "09:00:03.599   vm1       out         TCP        10.0.0.6:23956   52.239.184.180:443   begin   "
      "DefaultRule_AllowInternetOutBound\n"
      "09:00:03.606   vm1       out         TCP        10.0.0.6:23956   52.239.184.180:443   end     "
      "DefaultRule_AllowInternetOutBound   3/767   2/1580\n");
  EXPECT_EQ(json::parse(emu::flow_log_json({record("audit").dump()}))["records"], json::array({record("audit")}));
}
