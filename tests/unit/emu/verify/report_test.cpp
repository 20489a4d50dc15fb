// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/report.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace emu {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

CheckResult result(CheckKind kind, std::string target, Outcome expect, bool passed, std::string actual, std::optional<Path> path) {
  CheckResult out;
  out.check = {"vm1", kind, std::move(target), expect, expect == Outcome::Status ? 200 : 0, {}};
  out.passed = passed;
  out.actual = std::move(actual);
  out.path = path;
  return out;
}

std::vector<CheckResult> sample() {
  auto ping = result(CheckKind::Ping, "vm2", Outcome::Reachable, true, "reachable", Path::Peering);
  ping.round_trip = microseconds{70};
  ping.took = milliseconds{2};
  auto http = result(CheckKind::Http, "http://vm2/?a&b", Outcome::Status, false, "403", Path::Internet);
  auto tcp = result(CheckKind::Tcp, "vm2:22", Outcome::Blocked, false, "refused", {});
  tcp.detail = "RST from \"10.2.0.4\" <vm2>";
  const auto blocked = result(CheckKind::Tcp, "vm3:22", Outcome::Blocked, true, "blocked", Path::VirtualNetwork);
  return {ping, http, tcp, blocked};
}

TEST(TextReport, IsATableWithAReasonBelowEachFailure) {
  EXPECT_EQ(text_report(sample(), milliseconds{420}),
            "  ok    vm1 -> vm2              ping  0.07 ms  over the peering\n"
            "  FAIL  vm1 -> http://vm2/?a&b  http      403  over the internet\n"
            "        expected 200, got 403\n"
            "  FAIL  vm1 -> vm2:22           tcp   refused\n"
            "        expected blocked, got refused: RST from \"10.2.0.4\" <vm2>\n"
            "  ok    vm1 -> vm3:22           tcp   blocked  got as far as the VNet\n"
            "  4 checks, 2 hold, 2 do not                            0.4 s\n");
}

TEST(TextReport, SaysOnlyWhatIsWrongWhenThePathAloneIs) {
  auto wrong = result(CheckKind::Http, "http://vm2/", Outcome::Reachable, false, "200", Path::Internet);
  wrong.detail = "expected path 'peering', seen on path 'internet'";
  EXPECT_THAT(text_report({wrong}, {}), HasSubstr("\n        expected path 'peering', seen on path 'internet'\n"));
}

TEST(TextReport, CountsInWords) {
  EXPECT_THAT(text_report({}, {}), HasSubstr("  0 checks, 0 hold "));
  EXPECT_THAT(text_report({sample()[0]}, {}), HasSubstr("  1 check, 1 holds "));
  EXPECT_THAT(text_report({sample()[1]}, {}), HasSubstr("  1 check, 0 hold, 1 does not "));
}

TEST(TextReport, HasColourOnlyWhereAskedFor) {
  EXPECT_THAT(text_report(sample(), {}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(text_report(sample(), {}, true), HasSubstr("\x1b[31mFAIL\x1b[0m"));
}

TEST(JsonReport, HasTheDocumentedShape) {
  const auto report = nlohmann::json::parse(json_report("contoso", sample()));
  EXPECT_EQ(report["lab"], "contoso");
  EXPECT_EQ(report["passed"], 2);
  EXPECT_EQ(report["failed"], 2);
  ASSERT_EQ(report["checks"].size(), 4U);
  EXPECT_EQ(report["checks"][0], nlohmann::json({{"from", "vm1"},
                                                 {"to", "vm2"},
                                                 {"kind", "ping"},
                                                 {"expect", "reachable"},
                                                 {"actual", "reachable"},
                                                 {"path", "peering"},
                                                 {"passed", true},
                                                 {"detail", ""}}));
  EXPECT_EQ(report["checks"][1]["expect"], "200");
  EXPECT_TRUE(report["checks"][2]["path"].is_null());
}

TEST(JunitReport, EscapesWhatXmlWouldMisread) {
  const auto xml = junit_report("contoso", sample(), milliseconds{420});
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"contoso\" tests=\"4\" failures=\"2\" errors=\"0\" skipped=\"0\" time=\"0.420\">"));
  EXPECT_THAT(xml, HasSubstr("<testcase classname=\"contoso\" name=\"ping vm1 -&gt; vm2\" time=\"0.002\"/>"));
  EXPECT_THAT(xml, HasSubstr("name=\"http vm1 -&gt; http://vm2/?a&amp;b\""));
  EXPECT_THAT(xml, HasSubstr("<failure message=\"expected blocked, got refused: RST from &quot;10.2.0.4&quot; &lt;vm2&gt;\"/>"));
}

TEST(JunitReport, WritesNoControlCharacters) {
  auto strange = sample()[2];
  strange.detail = "a\x01\x1b[31m\nb";
  EXPECT_THAT(junit_report("contoso", {strange}, {}), HasSubstr("a??[31m&#10;b"));
}

}  // namespace
}  // namespace emu
