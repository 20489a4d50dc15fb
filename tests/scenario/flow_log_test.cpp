// SPDX-License-Identifier: Apache-2.0
// tests/scenario/flow_log_test.cpp — flow logs of real packets: FLOW-1 to FLOW-3, NSG-12, PIP-5, PIP-6.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "tests/scenario/lab.hpp"
#include "tests/support/eventually.hpp"

namespace test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// `net`: app with a group and `server`, open with `other`, both with a public address; `spoke` is peered with it.
std::string logged_lab(std::string_view flow_logs, std::string_view sku = "Basic") {
  return fmt::format(R"(
virtual_networks:
  - name: net
    address_space: [10.0.0.0/16]
    subnets:
      - {{name: app, address_prefixes: [10.0.0.0/24], network_security_group: nsg}}
      - {{name: open, address_prefixes: [10.0.1.0/24]}}
    peerings: [{{name: net-to-spoke, remote_virtual_network: spoke}}]
  - name: spoke
    address_space: [10.1.0.0/16]
    subnets: [{{name: default, address_prefixes: [10.1.0.0/24]}}]
    peerings: [{{name: spoke-to-net, remote_virtual_network: net}}]
network_security_groups:
  - name: nsg
    security_rules:
      - {{name: web-in, priority: 100, direction: Inbound, access: Allow, protocol: Tcp, destination_port_range: 80}}
      - {{name: deny-in, priority: 4096, direction: Inbound, access: Deny, protocol: '*'}}
      - {{name: no-ping-out, priority: 100, direction: Outbound, access: Deny, protocol: Icmp, destination_address_prefix: Internet}}
flow_logs: [{0}]
virtual_machines:
  - {{name: server, subnet: net/app, private_ip_address: 10.0.0.4, public_ip_address: 203.0.113.61, public_ip_address_sku: {1}, web: 80}}
  - {{name: other, subnet: net/open, private_ip_address: 10.0.1.4, public_ip_address: 203.0.113.62, public_ip_address_sku: {1}, web: 80}}
  - {{name: far, subnet: spoke/default, private_ip_address: 10.1.0.4, web: 80}}
internet:
  hosts: [{{name: laptop, ip_address: 203.0.113.200, web: 80}}]
)",
                     flow_logs, sku);
}

constexpr std::string_view kWhole = "{name: audit, target: net}";

/// `other PlatformRule O,B 10.0.1.4>10.0.0.4:80/6 sent 0`, in the order of the log. Ports of clients are left out.
std::vector<std::string> flows(const Lab& lab, const std::string& name = "") {
  std::vector<std::string> lines;
  auto arguments = std::vector<std::string>{"flow-log", "-l", lab.name(), "--json"};
  if (!name.empty()) arguments.push_back(name);
  const std::map<std::string, std::string> machines{{"000D3A000004", "server"}, {"000D3A000104", "other"}, {"000D3A010004", "far"}};
  const auto log = json::parse(lazuli(arguments).output);
  for (const auto& record : log.at("records")) {
    for (const auto& flow : record["flowRecords"]["flows"]) {
      for (const auto& group : flow["flowGroups"]) {
        for (const std::string text : group["flowTuples"]) {
          std::vector<std::string> field;
          std::istringstream words{text};
          for (std::string word; std::getline(words, word, ',');) field.push_back(word);
          lines.push_back(fmt::format("{} {} {},{} {}>{}:{}/{} sent {}", machines.at(record["macAddress"]),
                                      group["rule"].get<std::string>(), field.at(6), field.at(7), field[1], field[2], field[4], field[5],
                                      field.at(9)));
        }
      }
    }
  }
  return lines;
}

/// Whether a line that begins with `start` comes within three seconds, one of which is Lazuli's.
bool logs(const Lab& lab, const std::string& start) {
  return eventually(3s, [&] { return testing::Value(flows(lab), Contains(StartsWith(start))); });
}

std::string collector_of(const Lab& lab) {
  const auto pid = program_of(lab, "net", "flow_log");
  return pid ? std::to_string(*pid) : "";
}

/// A process that ended and was not waited for yet does not run.
bool runs(const std::string& pid) {
  const auto status = read_file(fmt::format("/proc/{}/stat", pid));
  return !status.empty() && status.find(") Z ") == std::string::npos;
}

// FLOW-2, FLOW-3
TEST(FlowLogs, TellHowAFlowBeganAndEndedAtBothInterfaces) {
  const Lab lab;
  lab.build(logged_lab(""));
  EXPECT_EQ(lazuli({"flow-log", "-l", lab.name()}).status, 2) << "there is none";
  EXPECT_EQ(collector_of(lab), "");
  lab.build(logged_lab(kWhole));
  EXPECT_THAT(flows(lab), IsEmpty());
  ASSERT_NE(lab.page("other", "10.0.0.4"), "");
  EXPECT_TRUE(logs(lab, "other PlatformRule O,E 10.0.1.4>10.0.0.4:80/6 sent "));
  EXPECT_TRUE(logs(lab, "server web-in I,E 10.0.1.4>10.0.0.4:80/6 sent "));
  const auto all = flows(lab);
  EXPECT_THAT(all, Contains("other PlatformRule O,B 10.0.1.4>10.0.0.4:80/6 sent 0"));
  EXPECT_THAT(all, Contains("server web-in I,B 10.0.1.4>10.0.0.4:80/6 sent 0"));
  EXPECT_THAT(all, Not(Contains(testing::EndsWith("E 10.0.1.4>10.0.0.4:80/6 sent 0")))) << "the counters move";
  EXPECT_EQ(all.size(), 4U);
}

TEST(FlowLogs, AreFollowedUntilTheLabEnds) {
  const Lab lab;
  lab.build(logged_lab(kWhole));
  const auto shown = lab.folder() / "shown";
  auto follower = start({lazuli_path(), "flow-log", "-l", lab.name(), "--follow"}, shown);
  const auto shows = [&](const char* words) { return eventually([&] { return read_file(shown).find(words) != std::string::npos; }); };
  EXPECT_TRUE(shows("MACHINE")) << "the heading is there before anything else is";
  EXPECT_TRUE(lab.finds_silence("other", "10.0.0.4"));
  EXPECT_TRUE(shows("deny-in")) << read_file(shown);
  EXPECT_TRUE(lab.finds_silence("server", "203.0.113.200"));
  EXPECT_TRUE(shows("no-ping-out")) << read_file(shown);
  EXPECT_EQ(lab.down().status, 0);
  EXPECT_EQ(follower.wait(), 0) << "it ends with the lab";
}

// FLOW-3, NSG-13
TEST(FlowLogs, NameTheRuleThatDenied) {
  const Lab lab;
  lab.build(logged_lab(kWhole));
  EXPECT_TRUE(lab.finds_silence("other", "10.0.0.4"));
  EXPECT_TRUE(logs(lab, "server deny-in I,D 10.0.1.4>10.0.0.4:0/1 sent 0"));
  EXPECT_TRUE(lab.finds_silence("server", "203.0.113.200"));
  EXPECT_TRUE(logs(lab, "server no-ping-out O,D 10.0.0.4>203.0.113.200:0/1 sent 0"));
  ASSERT_TRUE(lab.reaches("other", "203.0.113.200"));
  EXPECT_TRUE(logs(lab, "other PlatformRule O,B 10.0.1.4>203.0.113.200:0/1 sent 0"));
}

// PIP-5, PIP-6
TEST(FlowLogs, AuditWhatComesFromTheInternet) {
  const Lab lab;
  lab.build(logged_lab(kWhole, "Standard"));
  EXPECT_TRUE(lab.finds_silence("laptop", "203.0.113.62"));
  EXPECT_TRUE(logs(lab, "other PlatformRule I,D 203.0.113.200>10.0.1.4:0/1 sent 0")) << "closed by its SKU";
  ASSERT_NE(lab.page("laptop", "203.0.113.61"), "");
  EXPECT_TRUE(logs(lab, "server web-in I,B 203.0.113.200>10.0.0.4:80/6 sent 0"));
  ASSERT_NE(lab.page("server", "203.0.113.200"), "");
  EXPECT_TRUE(logs(lab, "server DefaultRule_AllowInternetOutBound O,B 10.0.0.4>203.0.113.200:80/6 sent 0"));
}

TEST(FlowLogs, KeepEachToItsTarget) {
  const Lab lab;
  lab.build(logged_lab("{name: web, target: net/app}, {name: peer, target: far}, {name: off, target: net/open, enabled: false}"));
  ASSERT_NE(lab.page("far", "10.0.0.4"), "");
  EXPECT_TRUE(logs(lab, "server web-in I,E 10.1.0.4>10.0.0.4:80/6 sent "));
  EXPECT_TRUE(logs(lab, "far PlatformRule O,E 10.1.0.4>10.0.0.4:80/6 sent "));
  EXPECT_THAT(flows(lab, "peer"), Each(StartsWith("far ")));
  EXPECT_THAT(flows(lab, "WEB"), Each(StartsWith("server ")));
  ASSERT_NE(lab.page("far", "10.0.1.4"), "");
  EXPECT_TRUE(logs(lab, "far PlatformRule O,E 10.1.0.4>10.0.1.4:80/6 sent "));
  EXPECT_THAT(flows(lab), Each(Not(StartsWith("other ")))) << "its subnet's flow log is not enabled";
}

// NSG-12: rules that change are told to the collector, which goes on.
TEST(FlowLogs, GoOnWhenRulesChange) {
  const Lab lab;
  lab.build(logged_lab(kWhole));
  const auto collector = collector_of(lab);
  ASSERT_NE(lab.page("other", "10.0.0.4"), "");
  ASSERT_TRUE(logs(lab, "server web-in I,E"));
  auto renamed = logged_lab(kWhole);
  renamed.replace(renamed.find("web-in"), 6, "http-in");
  lab.build(renamed);
  EXPECT_EQ(collector_of(lab), collector);
  EXPECT_TRUE(eventually([&] {
    lab.page("other", "10.0.0.4");
    return logs(lab, "server http-in I,E");
  }));
  EXPECT_THAT(lab.up(renamed).output, HasSubstr("nothing to do"));
}

TEST(FlowLogs, GoWithTheLabAndComeBackWhenTheCollectorIsKilled) {
  const Lab lab;
  lab.build(logged_lab(""));
  const auto before = kernel_state_of(lab.name());
  lab.build(logged_lab(kWhole));
  const auto killed = collector_of(lab);
  ASSERT_EQ(::kill(std::stoi(killed), SIGKILL), 0);
  ASSERT_TRUE(eventually([&] { return !runs(killed); }));
  lab.build(logged_lab(kWhole));
  EXPECT_NE(collector_of(lab), killed);
  EXPECT_TRUE(eventually([&] {
    lab.page("other", "10.0.0.4");
    return logs(lab, "server web-in I,E");
  }));
  const auto second = collector_of(lab);
  lab.build(logged_lab(""));
  EXPECT_FALSE(runs(second));
  EXPECT_THAT(differences(before, kernel_state_of(lab.name())), IsEmpty()) << "without a flow log the rules are what they were";
  lab.build(logged_lab(kWhole));
  const auto third = collector_of(lab);
  lab.down();
  EXPECT_FALSE(runs(third));
  EXPECT_THAT(remains_of(lab.name()), IsEmpty());
}

TEST(FlowLogs, LoseNoneOfTwoThousandShortFlows) {
  const Lab lab;
  lab.build(logged_lab(kWhole));
  constexpr std::size_t kFlows = 2000;
  // One curl that opens a connection for each address of its list.
  std::string list;
  for (std::size_t i = 0; i < kFlows; ++i) list += "url = \"http://10.0.0.4/\"\n";
  const auto answered = lab.exec("other", {"curl", "-sS", "--no-keepalive", "-H", "Connection: close", "-K", "-"}, list);
  ASSERT_EQ(lines_of(answered.output).size(), kFlows) << answered.errors;
  const auto ended = [&](std::string_view start) {
    const auto all = flows(lab);
    return static_cast<std::size_t>(std::ranges::count_if(all, [&](const std::string& line) { return line.starts_with(start); }));
  };
  EXPECT_TRUE(eventually(10s, [&] { return ended("server web-in I,E") == kFlows; })) << ended("server web-in I,E");
  EXPECT_EQ(ended("server web-in I,B"), kFlows);
  EXPECT_EQ(ended("other PlatformRule O,E"), kFlows);
}

}  // namespace
}  // namespace test
