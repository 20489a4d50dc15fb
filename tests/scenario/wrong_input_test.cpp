// SPDX-License-Identifier: Apache-2.0
// tests/scenario/wrong_input_test.cpp — wrong files and wrong use change nothing, and end as documented: 2, or 3 for a check.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenario/lab.hpp"

namespace test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::string_view kGoodLab = R"(
virtual_networks:
  - {name: net, address_space: [10.0.0.0/16], subnets: [{name: s, address_prefixes: [10.0.0.0/24]}]}
virtual_machines:
  - {name: vm1, subnet: net/s}
  - {name: vm2, subnet: net/s, web: 80}
)";

TEST(AWrongFile, LeavesARunningLabAsItIs) {
  const Lab lab;
  lab.build(kGoodLab);
  const auto kernel = kernel_state_of(lab.name());
  const auto status = lab.status();

  const auto refused = lab.up(
      "virtual_networks:\n"
      "  - {name: net, address_space: [10.0.0.0/16], subnets: [{name: s, adress_prefixes: [10.0.0.0/24]}]}\n"
      "virtual_machines:\n"
      "  - {name: vm1, subnet: net/t}\n");
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.output, IsEmpty());
  const auto file = (lab.folder() / "lab.yaml").string();
  EXPECT_THAT(refused.errors, StartsWith(file + ":3:"));
  EXPECT_THAT(refused.errors, HasSubstr(": error: unknown key 'adress_prefixes'"));
  EXPECT_THAT(refused.errors, HasSubstr("(did you mean 'address_prefixes'?)\n"));
  EXPECT_THAT(refused.errors, HasSubstr(file + ":5:"));
  EXPECT_THAT(refused.errors, testing::ContainsRegex("[0-9] errors; nothing was changed\n$"));

  EXPECT_THAT(differences(kernel, kernel_state_of(lab.name())), IsEmpty());
  EXPECT_EQ(lab.status(), status);
  EXPECT_TRUE(lab.reaches("vm1", "10.0.0.5"));
  EXPECT_THAT(lab.build(kGoodLab), HasSubstr("nothing to do"));
}

TEST(AWrongFile, StartsNoLab) {
  const Lab lab;
  for (const auto* body : {"virtual_networks: [{name: net, address_space: [10.0.0.0]}]\n", "virtual_networks: [\n", "nonsense: 1\n"}) {
    EXPECT_EQ(lab.up(body).status, 2) << body;
    EXPECT_THAT(remains_of(lab.name()), IsEmpty()) << body;
  }
  EXPECT_NE(lazuli({"up", lab.folder() / "missing.yaml"}).status, 0);
}

TEST(APlan, ChangesNothing) {
  const Lab lab;
  EXPECT_EQ(lazuli({"plan", lab.file(kGoodLab)}).status, 0);
  EXPECT_THAT(remains_of(lab.name()), IsEmpty());
  lab.build(kGoodLab);
  const auto kernel = kernel_state_of(lab.name());
  const auto file = lab.file(std::string(kGoodLab) + "  - {name: vm3, subnet: net/s}\n");
  const auto plan = lazuli({"plan", file});
  EXPECT_EQ(plan.status, 0);
  EXPECT_THAT(plan.output, HasSubstr("+ vm vm3"));
  const auto document = nlohmann::json::parse(lazuli({"plan", file, "--json"}).output);
  ASSERT_EQ(document["changes"].size(), 1);
  EXPECT_EQ(document["changes"][0]["changeType"], "Create");
  EXPECT_EQ(document["changes"][0]["resource"], "vm vm3");
  EXPECT_FALSE(document["steps"].empty());
  EXPECT_THAT(differences(kernel, kernel_state_of(lab.name())), IsEmpty());
  EXPECT_EQ(lab.status()["virtualMachines"].size(), 2);
}

TEST(WrongUse, EndsWithTwo) {
  const Lab lab;
  const std::vector<std::vector<std::string>> wrong{{"frobnicate"},
                                                    {"up", "--frobnicate"},
                                                    {"up", "a.yaml", "b.yaml"},
                                                    {"status", lab.name()},
                                                    {"verify", lab.name()},
                                                    {"routes", "-l", lab.name(), "vm1"},
                                                    {"capture", "-l", lab.name(), "vm1"}};
  for (const auto& arguments : wrong) {
    const auto result = lazuli(arguments);
    EXPECT_EQ(result.status, 2) << fmt::format("lazuli {}", fmt::join(arguments, " "));
    EXPECT_FALSE(result.errors.empty());
    EXPECT_TRUE(result.output.empty()) << result.output;
  }
}

TEST(WrongUse, OfARunningLabEndsWithTwo) {
  const Lab lab;
  lab.build(kGoodLab);
  EXPECT_EQ(lazuli({"routes", "-l", lab.name(), "net"}).status, 2) << "a network has no NIC";
  EXPECT_EQ(lazuli({"routes", "-l", lab.name(), "vm9"}).status, 2);
  EXPECT_EQ(lazuli({"capture", "-l", lab.name(), "vm9"}).status, 2);
}

TEST(Verify, EndsWithThreeWhenACheckDoesNotHold) {
  const Lab lab;
  const std::string holds = "checks:\n  - {from: vm1, ping: vm2, expect: reachable, path: vnet}\n";
  lab.build(std::string(kGoodLab) + holds);
  EXPECT_EQ(lazuli({"verify", lab.name()}).status, 0);

  lab.build(std::string(kGoodLab) + holds + "  - {from: vm1, ping: vm2, expect: reachable, path: internet}\n" +
            "  - {from: vm1, http: 'http://vm2/', expect: 404}\n  - {from: vm1, ping: vm2, expect: blocked}\n");
  const auto verify = lazuli({"verify", lab.name(), "--json"});
  EXPECT_EQ(verify.status, 3);
  const auto report = nlohmann::json::parse(verify.output);
  EXPECT_EQ(report["lab"], lab.name());
  EXPECT_EQ(report["passed"], 1);
  EXPECT_EQ(report["failed"], 3);
  EXPECT_EQ(report["checks"][1]["path"], "vnet");
  EXPECT_EQ(report["checks"][2]["actual"], "200");
  EXPECT_EQ(report["checks"][3]["actual"], "reachable");
  EXPECT_THAT(lazuli({"verify", lab.name()}).output, HasSubstr("FAIL  vm1 -> vm2"));
}

}  // namespace
}  // namespace test
