// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emu/report/escape_xml.hpp"
#include "emu/report/terminal.hpp"

namespace emu {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;
using Seconds = std::chrono::duration<double>;

constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kPlain = "\x1b[0m";

std::size_t count_passed(const std::vector<CheckResult>& results) {
  return static_cast<std::size_t>(std::ranges::count_if(results, &CheckResult::passed));
}

std::string pair_of(const CheckResult& result) { return fmt::format("{} -> {}", result.check.from, result.check.target); }

/// The round trip where that is the news, else what happened.
std::string outcome_of(const CheckResult& result) {
  return result.actual == "reachable" ? fmt::format("{:.2f} ms", Milliseconds(result.round_trip).count()) : result.actual;
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

/// True when only the path was not as wanted.
bool outcome_held(const CheckResult& result) {
  const bool has_status = !result.actual.empty() && std::ranges::all_of(result.actual, [](char c) { return c >= '0' && c <= '9'; });
  return result.actual == expectation(result.check) || (result.check.expect == Outcome::Reachable && has_status);
}

std::string failure_of(const CheckResult& result) {
  if (outcome_held(result)) return result.detail;
  return fmt::format("expected {}, got {}{}{}", expectation(result.check), result.actual, result.detail.empty() ? "" : ": ", result.detail);
}

}  // namespace

std::string describe_way(Path path, bool arrived) {
  const auto* way = path == Path::Appliance ? "through" : "over";
  return fmt::format("{} {}", arrived ? way : "got as far as", name_of(path));
}

std::string text_report(const std::vector<CheckResult>& results, std::chrono::nanoseconds elapsed, bool colour) {
  std::size_t pair_width = 0;
  std::size_t kind_width = 0;
  std::size_t outcome_width = 0;
  for (const auto& result : results) {
    pair_width = std::max(pair_width, pair_of(result).size());
    kind_width = std::max(kind_width, to_string(result.check.kind).size());
    outcome_width = std::max(outcome_width, outcome_of(result).size());
  }
  std::string out;
  for (const auto& result : results) {
    auto row = fmt::format("  {:<{}}  {:<{}}  {:>{}}  {}", pair_of(result), pair_width, to_string(result.check.kind), kind_width,
                           outcome_of(result), outcome_width, way_of(result));
    row.erase(row.find_last_not_of(' ') + 1);
    const std::string_view verdict = result.passed ? "ok  " : "FAIL";
    out +=
        colour ? fmt::format("  {}{}{}{}\n", result.passed ? kGreen : kRed, verdict, kPlain, row) : fmt::format("  {}{}\n", verdict, row);
    if (!result.passed) out += wrapped(failure_of(result), 8, 10) + '\n';
  }
  const auto passed = count_passed(results);
  const auto failed = results.size() - passed;
  auto sum = fmt::format("  {} check{}, {} hold{}", results.size(), results.size() == 1 ? "" : "s", passed, passed == 1 ? "s" : "");
  if (failed != 0) sum += fmt::format(", {} do{} not", failed, failed == 1 ? "es" : "");
  return out + fmt::format("{:<56}{:.1f} s\n", sum, Seconds(elapsed).count());
}

std::string json_report(std::string_view lab, const std::vector<CheckResult>& results) {
  using Json = nlohmann::ordered_json;
  auto checks = Json::array();
  for (const auto& result : results) {
    checks.push_back({{"from", result.check.from},
                      {"to", result.check.target},
                      {"kind", to_string(result.check.kind)},
                      {"expect", expectation(result.check)},
                      {"actual", result.actual},
                      {"path", result.path ? Json(to_string(*result.path)) : Json()},
                      {"passed", result.passed},
                      {"detail", result.detail}});
  }
  const auto passed = count_passed(results);
  const Json whole{{"lab", lab}, {"passed", passed}, {"failed", results.size() - passed}, {"checks", checks}};
  return whole.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string junit_report(std::string_view lab, const std::vector<CheckResult>& results, std::chrono::nanoseconds elapsed) {
  const auto name = escape_xml(lab);
  const auto failed = results.size() - count_passed(results);
  const auto time = Seconds(elapsed).count();
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuites tests=\"{}\" failures=\"{}\" time=\"{:.3f}\">\n", results.size(), failed, time);
  out += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\" time=\"{:.3f}\">\n", name,
                     results.size(), failed, time);
  for (const auto& result : results) {
    const auto title = escape_xml(fmt::format("{} {}", to_string(result.check.kind), pair_of(result)));
    out += fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"", name, title, Seconds(result.took).count());
    out += result.passed ? "/>\n" : fmt::format(">\n      <failure message=\"{}\"/>\n    </testcase>\n", escape_xml(failure_of(result)));
  }
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace emu
