// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/verify.hpp"

#include <fmt/format.h>

#include <exception>
#include <stdexcept>

#include "emu/fabric/names.hpp"
#include "emu/model/gateway_lookup.hpp"
#include "emu/verify/in_flight.hpp"
#include "emu/verify/path_observer.hpp"
#include "netns/base/descriptors.hpp"

namespace emu {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMostThreads = 256;  // they wait, they do not compute

CheckResult not_run(const Check& check, std::string why) {
  CheckResult result;
  result.check = check;
  result.actual = "not run";
  result.detail = std::move(why);
  return result;
}

/// What a check asks, without its tag. @throws std::invalid_argument that says why it asks nothing
ProbeRequest request_for(const Model& model, const Check& check) {
  const auto target = parse_target(check.kind, check.target);
  if (!target) throw std::invalid_argument(fmt::format("'{}' is not a target for {}", check.target, to_string(check.kind)));
  const auto address = address_of(model, target->host);
  if (!address) throw std::invalid_argument(fmt::format("'{}' has no address", target->host));
  const auto* machine = find_virtual_machine(model, check.from);
  const auto* host = find_internet_host(model, check.from);
  const auto* host_in_site = find_on_premises_host(model, check.from);
  if (machine == nullptr && host == nullptr && host_in_site == nullptr)
    throw std::invalid_argument(fmt::format("there is no node '{}'", check.from));
  const auto& node = machine != nullptr ? machine->name : host != nullptr ? host->name : host_in_site->name;
  return {namespace_name(model.lab, node), check.kind, *target, *address, 0, patience_for(check)};
}

bool as_expected(const Check& check, const ProbeResult& result) {
  switch (check.expect) {
    case Outcome::Reachable: return result.outcome == ProbeOutcome::Reachable || result.outcome == ProbeOutcome::Status;
    case Outcome::Blocked: return result.outcome == ProbeOutcome::Blocked;
    case Outcome::Status: return result.outcome == ProbeOutcome::Status && result.status == check.expected_status;
  }
  return false;
}

}  // namespace

netns::Patience patience_for(const Check& check) { return check.expect == Outcome::Blocked ? netns::kProvesSilence : netns::kProvesReply; }

CheckResult judge(const Check& check, const ProbeResult& result, std::optional<Path> measured) {
  const bool path_holds = !check.path || check.path == measured;
  CheckResult judged;
  judged.check = check;
  judged.passed = as_expected(check, result) && path_holds;
  judged.actual = describe_outcome(result);
  judged.path = measured;
  judged.round_trip = result.round_trip;
  judged.detail = result.detail;
  if (result.outcome == ProbeOutcome::Blocked && !judged.passed && judged.detail.empty())
    judged.detail = fmt::format("nothing came back within {:.1f} s", std::chrono::duration<double>(patience_for(check).limit).count());
  if (!path_holds) {
    const auto seen = measured ? fmt::format("seen on path '{}'", to_string(*measured)) : "seen on no link";
    judged.detail += fmt::format("{}expected path '{}', {}", judged.detail.empty() ? "" : "; ", to_string(*check.path), seen);
  }
  return judged;
}

std::vector<CheckResult> run_checks(const Model& model) {
  if (model.checks.empty()) return {};
  struct Run {
    std::uint32_t tag = 0;
    std::optional<ProbeResult> result;
    std::string why_not;
    steady_clock::duration took{};
  };
  std::vector<Run> runs(model.checks.size());
  const netns::RaisedDescriptorLimit raised;
  PathObserver observer(model);
  for_each_in_flight(runs.size(), probes_at_once(kMostThreads), [&](std::size_t i) {
    auto& run = runs[i];
    const auto start = steady_clock::now();
    try {
      auto request = request_for(model, model.checks[i]);
      request.tag = run.tag = observer.issue_tag();
      run.result = probe(request);
    } catch (const std::exception& error) {
      run.why_not = error.what();
    }
    run.took = steady_clock::now() - start;
  });
  observer.stop();

  std::vector<CheckResult> results;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto& run = runs[i];
    results.push_back(run.result ? judge(model.checks[i], *run.result, observer.path_of(run.tag)) : not_run(model.checks[i], run.why_not));
    results.back().took = run.took;
  }
  return results;
}

}  // namespace emu
