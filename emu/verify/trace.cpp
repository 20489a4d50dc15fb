// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "emu/fabric/names.hpp"
#include "emu/verify/matrix.hpp"
#include "emu/verify/path_observer.hpp"
#include "netns/base/descriptors.hpp"
#include "netns/capture/packet_filter.hpp"

namespace emu {
namespace {

using netns::Direction;

/// All that a packet of `flow` can come through, and who it may be for. Other machines are left out: what comes to them is seen on
/// their network's links.
std::set<std::string> nodes_on_the_way(const Model& model, const Flow& flow) {
  auto nodes = nodes_between(model);
  nodes.insert(flow.from);
  nodes.merge(nodes_with(model, flow.address));
  return nodes;
}

/// @param start  the time that hops count from
std::vector<TraceHop> hops_of(const std::vector<Sighting>& sightings, std::chrono::nanoseconds start) {
  std::vector<TraceHop> hops;
  for (const auto& seen : sightings) {
    const bool comes_in = seen.direction == Direction::In;
    // Whoever gets a packet back that it sent on has it a second time.
    const bool goes_on = !hops.empty() && hops.back().node == seen.node && !(comes_in && !hops.back().out.empty());
    if (!goes_on) hops.push_back({seen.node, comes_in ? seen.link : "", {}, seen.time - start, seen.packet, seen.packet, {}});
    // On a bridge a packet is seen twice: the port that it comes by is first, the one that it leaves by last.
    if (!comes_in) hops.back().out = seen.link;
    hops.back().left = seen.packet;
  }
  return hops;
}

/// Whether a step's place is the hop itself, not a part of it (`net/web`, `service contosodata`) or somewhere else.
bool is_all_of(const TraceHop& hop, const Step& step) {
  return same_name(hop.node, step.node) && (step.place == step.node || step.place.ends_with(' ' + step.node));
}

/// `agrees`, and whoever listens.
bool agrees_but_for_listeners(const Prediction& predicted, const ProbeResult& measured) {
  const auto may_be_refused = [](const Prediction& one) { return one.fate == Fate::Refused; };
  const bool taken = measured.outcome == ProbeOutcome::Reachable || measured.outcome == ProbeOutcome::Status;
  return agrees(predicted, measured) || (taken && (may_be_refused(predicted) || std::ranges::any_of(predicted.otherwise, may_be_refused)));
}

/// The steps of `prediction` up to where `node` has the packet, the last time; nullopt when it never does.
std::optional<std::vector<Step>> steps_up_to(const Prediction& prediction, std::string_view node) {
  const auto& steps = prediction.there;
  if (same_name(prediction.answered_by, node)) return steps;
  const auto last = std::find_if(steps.rbegin(), steps.rend(), [&](const Step& step) { return same_name(step.node, node); });
  if (last == steps.rend()) return std::nullopt;
  return std::vector<Step>{steps.begin(), last.base()};
}

/// What Azure's rules say of a packet that was turned: that it comes to the appliance, and what becomes of what the appliance sends.
void judge_turned(const Model& model, const Flow& flow, Trace& trace) {
  const auto& turn = *trace.turn;
  auto before = steps_up_to(trace.predicted, turn.node);
  for (const auto& other : trace.predicted.otherwise)
    if (!before) before = steps_up_to(other, turn.node);
  auto further = predict(model, {turn.node, turn.address, flow.kind, turn.port});
  trace.agrees = before && (!turn.as_own || agrees_but_for_listeners(further, trace.measured));

  const auto split = trace.there.begin() + static_cast<std::ptrdiff_t>(turn.hop) + 1;
  std::vector<TraceHop> rest{std::make_move_iterator(split), std::make_move_iterator(trace.there.end())};
  trace.there.erase(split, trace.there.end());
  explain(trace.there, before.value_or(trace.predicted.there));
  const auto& said = outcome_met(further, trace.measured);
  explain(rest, said.there);
  trace.there.insert(trace.there.end(), std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
  auto back = said.back;  // where the packet ended there is no tap, for nobody asked for that node
  std::erase_if(back, [&](const Step& step) {
    return std::ranges::none_of(trace.back, [&](const TraceHop& hop) { return same_name(hop.node, step.node); });
  });
  explain(trace.back, back);
  if (before) trace.predicted = std::move(further);
}

}  // namespace

std::optional<Turn> turn_of(const Model& model, const std::vector<TraceHop>& there) {
  std::optional<Turn> last;
  for (std::size_t i = 0; i < there.size(); ++i) {
    const auto& hop = there[i];
    const bool turned = hop.came.destination != hop.left.destination || hop.came.port != hop.left.port;
    const auto* machine = find_virtual_machine(model, hop.node);
    if (turned && !hop.in.empty() && !hop.out.empty() && machine != nullptr)
      last = Turn{i, hop.node, hop.left.destination, hop.left.port, machine->private_ip_address == hop.left.source};
  }
  return last;
}

void judge_trace(const Model& model, const Flow& flow, Trace& trace) {
  if (trace.turn) return judge_turned(model, flow, trace);
  trace.agrees = agrees_but_for_listeners(trace.predicted, trace.measured);
  const auto& said = outcome_met(trace.predicted, trace.measured);  // of an outcome that may be either, the words of the one that came
  explain(trace.there, said.there);
  explain(trace.back, said.back);
}

Trace ways_of(std::vector<Sighting> sightings, std::string_view source) {
  std::ranges::stable_sort(sightings, {}, &Sighting::time);
  const auto begins_a_try = [&](const Sighting& seen) {
    return seen.packet.is_request() && seen.node == source && seen.direction == Direction::Out;
  };
  const auto is_answer = [](const Sighting& seen) { return !seen.packet.is_request(); };
  Trace trace;
  auto begin = std::ranges::find_if(sightings, begins_a_try);
  while (begin != sightings.end()) {
    const auto end = std::find_if(std::next(begin), sightings.end(), begins_a_try);
    if (trace.there.empty() || std::any_of(begin, end, is_answer)) {
      const auto answer = std::stable_partition(begin, end, [&](const Sighting& seen) { return !is_answer(seen); });
      trace.there = hops_of({begin, answer}, begin->time);
      trace.back = hops_of({answer, end}, begin->time);
      if (!trace.back.empty()) break;
    }
    begin = end;
  }
  return trace;
}

void explain(std::vector<TraceHop>& hops, const std::vector<Step>& steps) {
  if (hops.empty()) return;
  auto here = hops.begin();
  for (const auto& step : steps) {
    const auto next = std::find_if(here, hops.end(), [&](const TraceHop& hop) { return same_name(hop.node, step.node); });
    here = next == hops.end() ? std::prev(hops.end()) : next;
    here->words.push_back(is_all_of(*here, step) ? step.words : fmt::format("{}: {}", step.place, step.words));
  }
}

Trace run_trace(const Model& model, const Flow& flow, const Target& target) {
  auto predicted = predict(model, flow);
  const netns::RaisedDescriptorLimit raised;  // a tap in every node that may be on the way
  PathObserver observer(model);
  NodeTaps taps(model, nodes_on_the_way(model, flow), netns::requests_and_answers());
  taps.await_times(model, flow.from);
  const auto tag = observer.issue_tag();
  const bool answers = predicted.fate == Fate::Answers || predicted.fate == Fate::Status || !predicted.otherwise.empty();
  const auto measured = probe({namespace_name(model.lab, flow.from),
                               flow.kind,
                               target,
                               flow.address,
                               tag,
                               {answers ? netns::kProvesReply.limit : netns::kProvesSilence.limit, false}});
  observer.stop();
  auto trace = ways_of(taps.seen(tag), flow.from);
  trace.path = observer.path_of(tag);
  trace.measured = measured;
  trace.predicted = std::move(predicted);
  trace.turn = turn_of(model, trace.there);
  judge_trace(model, flow, trace);
  return trace;
}

}  // namespace emu
