// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/verify.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <utility>

#include "emu/fabric/names.hpp"
#include "emu/lab/lab.hpp"
#include "emu/model/gateway_lookup.hpp"
#include "emu/verify/check_names.hpp"
#include "emu/verify/in_flight.hpp"
#include "emu/verify/node_taps.hpp"
#include "emu/verify/path_observer.hpp"
#include "netns/base/descriptors.hpp"
#include "netns/process/process.hpp"

namespace emu {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr std::size_t kMostThreads = 256;  // they wait, they do not compute
constexpr std::chrono::seconds kPatienceWithCommands{30};
constexpr std::size_t kShownLines = 5;

/// As the lab spells it. @throws std::invalid_argument when nothing can be tried from there
std::string source_of(const Model& model, const Check& check) {
  if (const auto* machine = find_virtual_machine(model, check.from)) return machine->name;
  if (const auto* host = find_internet_host(model, check.from)) return host->name;
  if (const auto* host = find_on_premises_host(model, check.from)) return host->name;
  throw std::invalid_argument(fmt::format("there is no node '{}'", check.from));
}

/// What a check asks, without its tag. @throws std::invalid_argument that says why it asks nothing
ProbeRequest request_for(const Model& model, const Check& check) {
  const auto target = parse_target(check.kind, check.target);
  if (!target) throw std::invalid_argument(fmt::format("'{}' is not a target for {}", check.target, to_string(check.kind)));
  const auto address = address_of(model, target->host);
  if (!address) throw std::invalid_argument(fmt::format("'{}' has no address", target->host));
  return {namespace_name(model.lab, source_of(model, check)), check.kind, *target, *address, 0, patience_for(check), {}};
}

bool as_expected(const Check& check, const ProbeResult& result) {
  switch (check.expect) {
    case Outcome::Reachable: return result.outcome == ProbeOutcome::Reachable || result.outcome == ProbeOutcome::Status;
    case Outcome::Blocked: return result.outcome == ProbeOutcome::Blocked;
    case Outcome::Refused: return result.outcome == ProbeOutcome::Refused;
    case Outcome::Status: return result.outcome == ProbeOutcome::Status && result.status == check.expected_status;
  }
  return false;
}

/// What a reader may not know of an outcome that was not expected.
std::string meaning_of(const Check& check, const ProbeResult& result) {
  if (result.outcome == ProbeOutcome::Blocked && check.expect == Outcome::Refused)
    return fmt::format("nothing came back within {:.1f} s: something drops it on the way, it does not come to who would refuse it",
                       std::chrono::duration<double>(patience_for(check).limit).count());
  if (result.outcome == ProbeOutcome::Blocked)
    return fmt::format("nothing came back within {:.1f} s", std::chrono::duration<double>(patience_for(check).limit).count());
  if (result.outcome == ProbeOutcome::Refused && check.expect == Outcome::Blocked)
    return "it got there: nothing listens, or something rejects it; 'expect: refused' is for that";
  if (result.outcome == ProbeOutcome::Refused) return "nothing listens there, or something rejects it";
  return {};
}

void add_to(std::string& text, const std::string& more) {
  if (!more.empty()) text += fmt::format("{}{}", text.empty() ? "" : "; ", more);
}

bool crosses_what_it_has_to(const Check& check, const MeasuredWay& way) {
  return check.through.empty() || std::ranges::any_of(way.tries, [&](const auto& nodes) { return leads_through(nodes, check.through); });
}

std::string describe_crossing(const Check& check, const MeasuredWay& way) {
  const auto longest = std::ranges::max_element(way.tries, {}, [](const auto& nodes) { return nodes.size(); });
  const auto taken = longest == way.tries.end() ? "no packet left" : fmt::format("it went {}", fmt::join(*longest, " -> "));
  return fmt::format("expected through {}, {}", fmt::join(check.through, ", "), taken);
}

std::vector<std::string> last_of(const std::vector<std::string>& lines) {
  return {lines.end() - static_cast<std::ptrdiff_t>(std::min(lines.size(), kShownLines)), lines.end()};
}

/// One run of several checks, which all threads work on.
class Runner {
 public:
  Runner(const Model& model, const CheckOptions& options)
      : model_(model),
        options_(options),
        names_(names_of(model.checks)),
        places_(options.only),
        observer_(model),
        taps_(model, tapped_nodes(), netns::requests_only()) {
    if (places_.empty()) {
      places_.resize(model.checks.size());
      std::iota(places_.begin(), places_.end(), std::size_t{0});
    }
    results_.resize(places_.size());
    for (const auto place : places_) waiting_.insert(place);
  }

  std::vector<CheckResult> operator()() {
    for_each_in_flight(places_.size(), probes_at_once(kMostThreads), [&](std::size_t i) {
      if (!options_.stops()) run(i);
    });
    observer_.stop();
    std::erase_if(results_, [](const CheckResult& result) { return result.name.empty(); });
    return std::move(results_);
  }

 private:
  /// Only checks that ask more than a path need them.
  std::set<std::string> tapped_nodes() const {
    std::set<std::string> nodes;
    for (const auto& check : model_.checks) {
      const auto target = check.kind == CheckKind::Udp || !check.through.empty() ? parse_target(check.kind, check.target) : std::nullopt;
      const auto address = target ? address_of(model_, target->host) : std::nullopt;
      if (!address) continue;
      nodes.merge(nodes_with(model_, *address));
      if (check.through.empty()) continue;
      nodes.merge(nodes_between(model_));
      nodes.insert(source_of(model_, check));
      for (const auto& node : nodes_of(model_))
        if (std::ranges::any_of(check.through, [&](const auto& name) { return same_name(name, node); })) nodes.insert(node);
    }
    return nodes;
  }

  void run(std::size_t i) {
    const auto& check = model_.checks[places_[i]];
    const auto started = system_clock::now();
    const auto start = steady_clock::now();
    CheckResult result;
    try {
      result = check.kind == CheckKind::Run ? judge(check, command(check, places_[i])) : ask(check);
    } catch (const std::exception& error) {
      result.check = check;
      result.actual = "not run";
      result.detail = error.what();
    }
    result.name = names_[places_[i]];
    result.started = started;
    result.took = steady_clock::now() - start;
    const std::lock_guard lock(mutex_);
    waiting_.erase(places_[i]);
    results_[i] = std::move(result);
    if (!options_.progress) return;
    std::vector<std::string> names;
    for (const auto place : waiting_) names.push_back(names_[place]);
    options_.progress(results_[i], names);
  }

  CommandResult command(const Check& check, std::size_t id) {
    return run_in_node(model_, source_of(model_, check), check.target, id, patience_for(check).limit, options_.stops);
  }

  CheckResult ask(const Check& check) {
    auto request = request_for(model_, check);
    if (!check.through.empty()) taps_.await_times(model_, source_of(model_, check));
    const auto tag = request.tag = observer_.issue_tag();
    if (check.kind == CheckKind::Udp) {
      request.has_arrived = [this, tag, targets = nodes_with(model_, request.address)] {
        return std::ranges::any_of(taps_.seen(tag), [&](const Sighting& seen) {
          const bool comes_in = seen.direction == netns::Direction::In || seen.link == "lo";  // of which only what goes out is kept
          return seen.packet.is_request() && comes_in && targets.contains(seen.node);
        });
      };
    }
    const auto measured = probe(request);
    MeasuredWay way{observer_.path_of(tag)};
    if (!check.through.empty()) way.tries = ways_through(taps_.seen(tag), source_of(model_, check));
    return judge(check, measured, way);
  }

  const Model& model_;
  const CheckOptions& options_;
  const std::vector<std::string> names_;
  std::vector<std::size_t> places_;
  PathObserver observer_;
  NodeTaps taps_;
  std::mutex mutex_;  ///< of what follows
  std::vector<CheckResult> results_;
  std::set<std::size_t> waiting_;
};

}  // namespace

netns::Patience patience_for(const Check& check) {
  auto patience = check.expect == Outcome::Blocked ? netns::kProvesSilence : netns::kProvesReply;
  if (check.kind == CheckKind::Run) patience.limit = kPatienceWithCommands;
  if (check.expect == Outcome::Refused) patience.insists = false;
  if (check.timeout) patience.limit = std::chrono::seconds{*check.timeout};
  return patience;
}

CheckResult judge(const Check& check, const ProbeResult& result, const MeasuredWay& way) {
  const bool path_holds = !check.path || check.path == way.path;
  const bool crosses = crosses_what_it_has_to(check, way);
  const bool outcome_holds = as_expected(check, result);
  CheckResult judged;
  judged.check = check;
  judged.passed = outcome_holds && path_holds && crosses;
  judged.actual = describe_outcome(result);
  judged.path = way.path;
  judged.round_trip = result.round_trip;
  judged.detail = result.detail;
  if (!outcome_holds) add_to(judged.detail, meaning_of(check, result));
  if (!path_holds) {
    const auto seen = way.path ? fmt::format("seen on path '{}'", to_string(*way.path)) : "seen on no link";
    add_to(judged.detail, fmt::format("expected path '{}', {}", to_string(*check.path), seen));
  }
  if (!crosses) add_to(judged.detail, describe_crossing(check, way));
  return judged;
}

CheckResult judge(const Check& check, const CommandResult& result) {
  const bool ended_so = result.status && netns::describe_end(*result.status) == expectation(check);
  const bool printed = check.output.empty() || matches_a_line(result.lines, check.output);
  CheckResult judged;
  judged.check = check;
  judged.passed = ended_so && printed;
  judged.actual = result.status ? netns::describe_end(*result.status) : result.stopped ? "interrupted" : "timed out";
  if (!result.status && !result.stopped)
    judged.detail = fmt::format("it did not end within {} s, and was ended", patience_for(check).limit / std::chrono::seconds{1});
  if (ended_so && !printed) judged.detail = fmt::format("expected output that matches '{}', and no line does", check.output);
  judged.last_lines = last_of(result.lines);
  return judged;
}

std::size_t CheckRun::passed() const { return static_cast<std::size_t>(std::ranges::count_if(results, &CheckResult::passed)); }

CheckRun run_checks(const Model& model, const CheckOptions& options) {
  CheckRun run;
  run.started = system_clock::now();
  const auto start = steady_clock::now();
  if (!model.checks.empty()) {
    const netns::RaisedDescriptorLimit raised;
    run.results = Runner{model, options}();
  }
  run.took = steady_clock::now() - start;
  return run;
}

}  // namespace emu
