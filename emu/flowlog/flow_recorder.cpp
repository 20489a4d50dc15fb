// SPDX-License-Identifier: Apache-2.0
#include "emu/flowlog/flow_recorder.hpp"

#include <unordered_set>

#include "emu/fabric/denied_packets.hpp"
#include "emu/fabric/router.hpp"

namespace emu {
namespace {

/// What came since `told`; a counter that was set back begins anew.
netns::FlowCount since(const netns::FlowCount& told, const netns::FlowCount& now) {
  if (now.packets < told.packets || now.bytes < told.bytes) return now;
  return {now.packets - told.packets, now.bytes - told.bytes};
}

}  // namespace

FlowRecorder::FlowRecorder(Model model, std::string network) : network_(std::move(network)) { change(std::move(model)); }

void FlowRecorder::change(Model model) {
  model_ = std::move(model);
  rules_.emplace(model_);
  interfaces_.clear();
  addresses_.clear();
  for (const auto& machine : model_.virtual_machines) {
    if (!same_name(machine.subnet.virtual_network, network_) || !machine.private_ip_address) continue;
    const auto* log = flow_log_of(model_, machine);
    if (log == nullptr) continue;
    const auto address = *machine.private_ip_address;
    interfaces_.emplace(address, Interface{&machine, log});
    addresses_.emplace(mac_address(*find_subnet(model_, machine.subnet), address), address);
  }
}

std::optional<FlowRecorder::Side> FlowRecorder::side(Ipv4Address address, FlowDirection direction, const netns::FlowEnds& ends,
                                                     RuleAccess access) {
  const auto found = interfaces_.find(address);
  if (found == interfaces_.end()) return std::nullopt;
  const auto& [machine, log] = found->second;
  const auto decision =
      rules_->find(*machine, direction == FlowDirection::Inbound ? RuleDirection::Inbound : RuleDirection::Outbound, ends, access);
  return Side{{log->name, machine->name, decision.network_security_group, decision.rule}, direction};
}

void FlowRecorder::begin(const netns::Flow& flow, FlowTime now) {
  const auto& ends = flow.delivered;
  Known known{flow, {}, {}, {}};
  if (auto sender = side(ends.source, FlowDirection::Outbound, ends, RuleAccess::Allow)) known.sides.push_back(*std::move(sender));
  if (auto receiver = side(ends.destination, FlowDirection::Inbound, ends, RuleAccess::Allow)) known.sides.push_back(*std::move(receiver));
  if (known.sides.empty()) return;
  const auto [place, is_new] = flows_.emplace(key(flow), std::move(known));
  if (!is_new) return;
  tell(place->second, {}, FlowState::Begin, now);
  due_.emplace_back(now + kContinues, place->first);
}

void FlowRecorder::end(const netns::Flow& flow, FlowTime now) {
  const auto found = flows_.find(key(flow));
  if (found == flows_.end()) return;
  tell(found->second, flow, FlowState::End, now);
  flows_.erase(found);
}

void FlowRecorder::go_on(const netns::Flow& flow, FlowTime now) {
  const auto found = flows_.find(key(flow));
  if (found == flows_.end()) return;
  tell(found->second, flow, FlowState::Continuing, now);
  due_.emplace_back(now + kContinues, found->first);
}

std::vector<netns::Flow> FlowRecorder::due(FlowTime now) {
  std::vector<netns::Flow> flows;
  for (; !due_.empty() && due_.front().first <= now; due_.pop_front())
    if (const auto found = flows_.find(due_.front().second); found != flows_.end()) flows.push_back(found->second.flow);
  forget_denied(now);
  return flows;
}

void FlowRecorder::forget_denied(FlowTime now) {
  for (; !denied_in_order_.empty() && denied_in_order_.front().first + kDeniesAgain <= now; denied_in_order_.pop_front())
    denied_.erase(denied_in_order_.front().second);
}

void FlowRecorder::deny(const netns::LoggedPacket& packet, FlowTime now) {
  const auto direction = packet.prefix == kDeniedOutbound ? FlowDirection::Outbound : FlowDirection::Inbound;
  auto where = packet.ends.destination;
  if (direction == FlowDirection::Outbound) {  // an appliance sends what is not its own, too
    const auto sender = addresses_.find(packet.sender);
    where = sender == addresses_.end() ? packet.ends.source : sender->second;
  }
  auto at = side(where, direction, packet.ends, RuleAccess::Deny);
  if (!at) return;
  forget_denied(now);
  if (denied_.size() >= kMostDenied) return;
  const auto [told, is_new] = denied_.emplace(direction, packet.ends, packet.echo_id);
  if (!is_new) return;
  denied_in_order_.emplace_back(now, told);
  entries_.push_back({std::move(at->place), {now, packet.ends, direction, FlowState::Denied, {}, {}}});
}

void FlowRecorder::catch_up(const std::vector<netns::Flow>& all, FlowTime now) {
  std::unordered_set<Key, Hash> there;
  for (const auto& flow : all) {
    there.insert(key(flow));
    if (flow.over)
      end(flow, now);
    else if (!knows(flow))
      begin(flow, now);
  }
  std::vector<netns::Flow> gone;  // what they counted last, nobody knows
  for (const auto& [its_key, known] : flows_)
    if (!there.contains(its_key)) gone.push_back(known.flow);
  for (auto& flow : gone) {
    const auto& known = flows_.at(key(flow));
    flow.sent = known.sent;
    flow.received = known.received;
    end(flow, now);
  }
}

void FlowRecorder::tell(Known& known, const netns::Flow& now_is, FlowState state, FlowTime now) {
  const FlowTuple tuple{now,   known.flow.delivered,           FlowDirection::Inbound,
                        state, since(known.sent, now_is.sent), since(known.received, now_is.received)};
  for (const auto& side : known.sides) {
    entries_.push_back({side.place, tuple});
    entries_.back().tuple.direction = side.direction;
  }
  known.sent = now_is.sent;
  known.received = now_is.received;
}

}  // namespace emu
