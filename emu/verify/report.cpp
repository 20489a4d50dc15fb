// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/report.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "emu/model/escape_xml.hpp"
#include "emu/model/wording.hpp"
#include "emu/report/table.hpp"
#include "emu/report/terminal.hpp"
#include "emu/verify/check_names.hpp"

namespace emu {
namespace {

using Json = nlohmann::ordered_json;
using Milliseconds = std::chrono::duration<double, std::milli>;
using Seconds = std::chrono::duration<double>;

constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::size_t kWidestSubject = 48;  // those that are longer push the rest of their row aside
constexpr std::size_t kIndentOfReasons = 8;

/// What stands for the check in its row.
std::string subject_in_table(const Check& check) {
  if (!check.name.empty()) return printable(check.name);
  auto subject = printable(subject_of(check));
  if (check.kind == CheckKind::Run && subject.size() > kWidestSubject) subject = std::string(start_of(subject, kWidestSubject - 3)) + "...";
  return subject;
}

/// The round trip where that is the news, else what happened.
std::string outcome_of(const CheckResult& result) {
  const bool has_time = result.actual == "reachable" && result.round_trip.count() != 0;
  return has_time ? fmt::format("{:.2f} ms", Milliseconds(result.round_trip).count()) : result.actual;
}

std::string_view name_of(Path path) {
  switch (path) {
    case Path::VirtualNetwork: return "the VNet";
    case Path::Peering: return "the peering";
    case Path::ServiceEndpoint: return "the service endpoint";
    case Path::Ipsec: return "the VPN tunnel";
    case Path::Internet: return "the internet";
    case Path::Appliance: return "the appliance";
  }
  return "";
}

std::string way_of(const CheckResult& result) {
  if (!result.path) return "";
  return describe_way(*result.path, result.actual != "blocked" && result.actual != "unreachable");
}

/// True when only the path, or what a command wrote, was not as wanted.
bool outcome_held(const CheckResult& result) {
  const bool has_status = !result.actual.empty() && std::ranges::all_of(result.actual, [](char c) { return c >= '0' && c <= '9'; });
  return result.actual == expectation(result.check) || (result.check.expect == Outcome::Reachable && has_status);
}

std::string failure_of(const CheckResult& result) {
  if (outcome_held(result)) return result.detail;
  return fmt::format("expected {}, got {}{}{}", expectation(result.check), result.actual, result.detail.empty() ? "" : ": ", result.detail);
}

void widen(ReportColumns& columns, const Check& check) {
  columns.subject = std::max(columns.subject, std::min(display_width(subject_in_table(check)), kWidestSubject));
  columns.kind = std::max(columns.kind, to_string(check.kind).size());
}

std::string in_utc(std::chrono::system_clock::time_point time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  const auto thousandths = std::chrono::duration_cast<std::chrono::milliseconds>(time - second).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(second)), thousandths);
}

/// To the microsecond.
double in_milliseconds(std::chrono::nanoseconds time) {
  constexpr double kThousand = 1000;
  return std::round(Milliseconds(time).count() * kThousand) / kThousand;
}

Json json_of(const CheckResult& result) {
  Json check{{"name", result.name},
             {"from", result.check.from},
             {"to", result.check.target},
             {"kind", to_string(result.check.kind)},
             {"expect", expectation(result.check)},
             {"actual", result.actual},
             {"path", result.path ? Json(to_string(*result.path)) : Json()},
             {"passed", result.passed},
             {"detail", result.detail},
             {"started", in_utc(result.started)},
             {"duration", in_milliseconds(result.took)}};
  if (result.check.kind == CheckKind::Run) check["lastLines"] = result.last_lines;
  return check;
}

/// The counts, times and checks of a run, behind what `whole` has already.
void add_run(Json& whole, const CheckRun& run) {
  auto checks = Json::array();
  for (const auto& result : run.results) checks.push_back(json_of(result));
  whole["started"] = in_utc(run.started);
  whole["duration"] = in_milliseconds(run.took);
  whole["passed"] = run.passed();
  whole["failed"] = run.results.size() - run.passed();
  whole["checks"] = std::move(checks);
}

std::string junit_case(const CheckResult& result, const std::string& suite) {
  const auto head = fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"", suite, escape_xml(result.name),
                                Seconds(result.took).count());
  if (result.passed) return head + "/>\n";
  std::string lines;
  for (const auto& line : result.last_lines) lines += escape_xml(line) + '\n';
  const auto failure = escape_xml(failure_of(result));
  return head + (lines.empty() ? fmt::format(">\n      <failure message=\"{}\"/>\n    </testcase>\n", failure)
                               : fmt::format(">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n", failure, lines));
}

std::string junit_suite(std::string_view lab, const CheckRun& run) {
  const auto name = escape_xml(run.step.empty() ? std::string(lab) : fmt::format("{}: {}", lab, run.step));
  const auto errors = run.failure.empty() ? 0 : 1;
  auto out = fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" time=\"{:.3f}\">\n", name,
                         run.results.size() + static_cast<std::size_t>(errors), run.results.size() - run.passed(), errors,
                         Seconds(run.took).count());
  if (errors != 0)
    out += fmt::format("    <testcase classname=\"{0}\" name=\"the change\">\n      <error message=\"{1}\"/>\n    </testcase>\n", name,
                       escape_xml(run.failure));
  for (const auto& result : run.results) out += junit_case(result, name);
  return out + "  </testsuite>\n";
}

}  // namespace

std::string describe_way(Path path, bool arrived) {
  const auto* way = path == Path::Appliance ? "through" : "over";
  return fmt::format("{} {}", arrived ? way : "got as far as", name_of(path));
}

ReportColumns columns_of(const std::vector<CheckResult>& results) {
  ReportColumns columns;
  for (const auto& result : results) {
    widen(columns, result.check);
    columns.outcome = std::max(columns.outcome, outcome_of(result).size());
  }
  return columns;
}

ReportColumns columns_of(const std::vector<Check>& checks) {
  ReportColumns columns;
  columns.outcome = std::string_view("unreachable").size();
  for (const auto& check : checks) widen(columns, check);
  return columns;
}

std::string result_text(const CheckResult& result, const ReportColumns& columns, bool colour) {
  const std::string_view verdict = result.passed ? "ok  " : "FAIL";
  const auto subject = subject_in_table(result.check);
  const auto padding = columns.subject - std::min(columns.subject, display_width(subject));
  auto row = fmt::format("{}  {}{:{}}  {:<{}}  {:>{}}  {}", verdict, subject, "", padding, to_string(result.check.kind), columns.kind,
                         outcome_of(result), columns.outcome, way_of(result));
  row.erase(row.find_last_not_of(' ') + 1);
  row = wrapped(row, kIndent, kIndentOfReasons);
  if (colour) row.replace(kIndent, verdict.size(), fmt::format("{}{}{}", result.passed ? kGreen : kRed, verdict, kPlain));
  row += '\n';
  if (result.passed) return row;
  const auto of = result.check.name.empty() ? "" : fmt::format("{}: ", printable(subject_of(result.check)));
  row += wrapped(of + failure_of(result), kIndentOfReasons, kIndentOfReasons + kIndent) + '\n';
  for (const auto& line : result.last_lines) row += fmt::format("{:{}}| {}\n", "", kIndentOfReasons, printable(line));
  return row;
}

std::string count_text(const CheckRun& run) {
  const auto passed = run.passed();
  const auto failed = run.results.size() - passed;
  auto sum = fmt::format("  {} check{}, {} hold{}", run.results.size(), run.results.size() == 1 ? "" : "s", passed, passed == 1 ? "s" : "");
  if (failed != 0) sum += fmt::format(", {} do{} not", failed, failed == 1 ? "es" : "");
  return fmt::format("{:<56}{:.1f} s\n", sum, Seconds(run.took).count());
}

std::string text_report(const CheckRun& run, bool colour) {
  const auto columns = columns_of(run.results);
  std::string out;
  for (const auto& result : run.results) out += result_text(result, columns, colour);
  return out + count_text(run);
}

std::string step_heading(std::size_t number, std::string_view name) { return fmt::format("  step {}: {}", number, name); }

std::string json_report(std::string_view lab, const std::vector<CheckRun>& runs) {
  Json whole{{"lab", lab}};
  auto steps = Json::array();
  for (const auto& run : runs) {
    if (run.step.empty()) {
      add_run(whole, run);
      continue;
    }
    Json step{{"name", run.step}, {"failure", run.failure}};
    add_run(step, run);
    steps.push_back(std::move(step));
  }
  if (!steps.empty()) whole["steps"] = std::move(steps);
  return whole.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string junit_report(std::string_view lab, const std::vector<CheckRun>& runs) {
  std::size_t tests = 0;
  std::size_t failed = 0;
  std::chrono::nanoseconds took{};
  std::string suites;
  for (const auto& run : runs) {
    tests += run.results.size() + (run.failure.empty() ? 0 : 1);
    failed += run.results.size() - run.passed();
    took += run.took;
    suites += junit_suite(lab, run);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{}\" failures=\"{}\" time=\"{:.3f}\">\n{}</testsuites>\n", tests,
      failed, Seconds(took).count(), suites);
}

}  // namespace emu
