// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/report.hpp"

#include <fmt/format.h>
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
  out.check = {"vm1", kind, std::move(target), expect, expect == Outcome::Status ? 200 : 0, {}, "", {}, "", {}};
  out.name = fmt::format("{} vm1 -> {}", to_string(kind), out.check.target);
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

CheckRun run_of(std::vector<CheckResult> results) {
  CheckRun run;
  run.results = std::move(results);
  run.started = std::chrono::system_clock::time_point{milliseconds{1500}};
  run.took = milliseconds{420};
  return run;
}

TEST(TextReport, IsATableWithAReasonBelowEachFailure) {
  EXPECT_EQ(text_report(run_of(sample())),
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
  EXPECT_THAT(text_report(run_of({wrong})), HasSubstr("\n        expected path 'peering', seen on path 'internet'\n"));
}

TEST(TextReport, CountsInWords) {
  EXPECT_THAT(text_report(run_of({})), HasSubstr("  0 checks, 0 hold "));
  EXPECT_THAT(text_report(run_of({sample()[0]})), HasSubstr("  1 check, 1 holds "));
  EXPECT_THAT(text_report(run_of({sample()[1]})), HasSubstr("  1 check, 0 hold, 1 does not "));
}

TEST(TextReport, HasColourOnlyWhereAskedFor) {
  EXPECT_THAT(text_report(run_of(sample())), Not(HasSubstr("\x1b")));
  EXPECT_THAT(text_report(run_of(sample()), true), HasSubstr("\x1b[31mFAIL\x1b[0m"));
}

TEST(JsonReport, HasTheDocumentedShape) {
  const auto report = nlohmann::json::parse(json_report("contoso", {run_of(sample())}));
  EXPECT_EQ(report["lab"], "contoso");
  EXPECT_EQ(report["passed"], 2);
  EXPECT_EQ(report["failed"], 2);
  ASSERT_EQ(report["checks"].size(), 4U);
  EXPECT_EQ(report["checks"][0], nlohmann::json({{"name", "ping vm1 -> vm2"},
                                                 {"from", "vm1"},
                                                 {"to", "vm2"},
                                                 {"kind", "ping"},
                                                 {"expect", "reachable"},
                                                 {"actual", "reachable"},
                                                 {"path", "peering"},
                                                 {"passed", true},
                                                 {"detail", ""},
                                                 {"started", "1970-01-01T00:00:00.000Z"},
                                                 {"duration", 2.0}}));
  EXPECT_EQ(report["started"], "1970-01-01T00:00:01.500Z");
  EXPECT_EQ(report["duration"], 420.0);
  EXPECT_FALSE(report.contains("steps"));
  EXPECT_EQ(report["checks"][1]["expect"], "200");
  EXPECT_TRUE(report["checks"][2]["path"].is_null());
}

TEST(JunitReport, EscapesWhatXmlWouldMisread) {
  const auto xml = junit_report("contoso", {run_of(sample())});
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"contoso\" tests=\"4\" failures=\"2\" errors=\"0\" skipped=\"0\" time=\"0.420\">"));
  EXPECT_THAT(xml, HasSubstr("<testcase classname=\"contoso\" name=\"ping vm1 -&gt; vm2\" time=\"0.002\"/>"));
  EXPECT_THAT(xml, HasSubstr("name=\"http vm1 -&gt; http://vm2/?a&amp;b\""));
  EXPECT_THAT(xml, HasSubstr("<failure message=\"expected blocked, got refused: RST from &quot;10.2.0.4&quot; &lt;vm2&gt;\"/>"));
}

CheckResult failed_command() {
  auto command = result(CheckKind::Run, "dig +short app", Outcome::Status, false, "status 9", {});
  command.check.expected_status = 0;
  command.last_lines = {"no <servers>"};
  return command;
}

TEST(TextReport, ShowsTheLastLinesOfACommandThatFailed) {
  EXPECT_THAT(text_report(run_of({failed_command()})), HasSubstr("  FAIL  vm1: dig +short app  run  status 9\n"
                                                                 "        expected status 0, got status 9\n"
                                                                 "        | no <servers>\n"));
  EXPECT_THAT(junit_report("contoso", {run_of({failed_command()})}), HasSubstr("got status 9\">no &lt;servers&gt;\n</failure>"));
}

TEST(TextReport, CallsAChecksByItsNameAndSaysWhatItTriesWhenItFails) {
  auto named = sample()[1];
  named.check.name = "the shop is open";
  const auto text = text_report(run_of({named}));
  EXPECT_THAT(text, HasSubstr("FAIL  the shop is open  http"));
  EXPECT_THAT(text, HasSubstr("vm1 -> http://vm2/?a&b: expected 200"));
}

TEST(Reports, HaveTheStepsOfALesson) {
  auto step = run_of({sample()[0]});
  step.step = "the other side";
  auto broken = run_of({});
  broken.step = "too much";
  broken.failure = "no space";
  const auto json = nlohmann::json::parse(json_report("contoso", {run_of(sample()), step, broken}));
  EXPECT_EQ(json["checks"].size(), 4U);
  ASSERT_EQ(json["steps"].size(), 2U);
  EXPECT_EQ(json["steps"][0]["name"], "the other side");
  EXPECT_EQ(json["steps"][0]["passed"], 1);
  EXPECT_EQ(json["steps"][1]["failure"], "no space");
  const auto xml = junit_report("contoso", {run_of(sample()), step, broken});
  EXPECT_THAT(xml, HasSubstr("<testsuites tests=\"6\" failures=\"2\" time=\"1.260\">"));
  EXPECT_THAT(xml, HasSubstr("<testcase classname=\"contoso: the other side\" name=\"ping vm1 -&gt; vm2\""));
  EXPECT_THAT(xml, HasSubstr("<error message=\"no space\"/>"));
}

TEST(JunitReport, WritesNoControlCharacters) {
  auto strange = sample()[2];
  strange.detail = "a\x01\x1b[31m\nb";
  EXPECT_THAT(junit_report("contoso", {run_of({strange})}), HasSubstr("a??[31m&#10;b"));
}

}  // namespace
}  // namespace emu
