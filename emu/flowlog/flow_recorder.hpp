// SPDX-License-Identifier: Apache-2.0
// emu/flowlog/flow_recorder.hpp — from what the kernel tells of a network's flows to the tuples of its flow logs (FLOW-1..3).
//
// Theory of operation. A flow is recorded at the interface that opened it, outbound, and at the one that it is delivered to, inbound,
// each if it is covered by a flow log; both with the ends that rules see (PIP-5, NSG-14). It begins (B) with its first packet, which
// has passed all rules; the rule that let it pass is looked up then, and stays the flow's whatever becomes of the rule (NSG-12).
// Every five minutes its counters go on (C), less what was told before; the end (E) tells the rest. A packet that was denied is a
// tuple of its own (D), once a minute for the same ends however often it tries.
//
// Nothing here knows sockets or clocks: whoever does hands in events with their time, and takes the entries.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "emu/flowlog/deciding_rule.hpp"
#include "emu/flowlog/flow_tuple.hpp"
#include "emu/model/model.hpp"
#include "netns/flows/flow.hpp"

namespace emu {

class FlowRecorder {
 public:
  static constexpr std::chrono::minutes kContinues{5};
  static constexpr std::chrono::minutes kDeniesAgain{1};
  /// Different ones in that time; who tries more has the others unrecorded, for a machine can make up as many as it likes.
  static constexpr std::size_t kMostDenied = 65536;

  /// @param model    resolved
  /// @param network  the virtual network whose interfaces are recorded
  FlowRecorder(Model model, std::string network);
  FlowRecorder(const FlowRecorder&) = delete;
  FlowRecorder& operator=(const FlowRecorder&) = delete;

  /// From now on the rules, machines and logs of `model`. What has begun goes on where it was recorded.
  void change(Model model);

  void begin(const netns::Flow& flow, FlowTime now);
  /// The flow is over, or gone, with its last counters. One that is not known is passed over.
  void end(const netns::Flow& flow, FlowTime now);
  void deny(const netns::LoggedPacket& packet, FlowTime now);
  /// Events were missed: `all` are the flows that there are.
  void catch_up(const std::vector<netns::Flow>& all, FlowTime now);

  bool knows(const netns::Flow& flow) const { return flows_.contains(key(flow)); }
  /// Flows whose counters are due; each has to be handed to `go_on` or `end`.
  std::vector<netns::Flow> due(FlowTime now);
  /// @param flow  as it is now
  void go_on(const netns::Flow& flow, FlowTime now);

  /// What was recorded since this was last called, in the order of time.
  std::vector<FlowEntry> take() { return std::exchange(entries_, {}); }
  bool has_entries() const { return !entries_.empty(); }
  const Model& model() const { return model_; }

 private:
  struct Key {
    std::uint32_t id;
    netns::FlowEnds opened;

    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const { return key.id; }  // the kernel's number is a hash already
  };
  struct Side {
    FlowPlace place;
    FlowDirection direction;
  };
  struct Known {
    netns::Flow flow;
    std::vector<Side> sides;
    netns::FlowCount sent;  ///< told already
    netns::FlowCount received;
  };
  struct Interface {
    const VirtualMachine* machine;
    const FlowLog* log;
  };

  using Denied = std::tuple<FlowDirection, netns::FlowEnds, std::uint16_t>;

  static Key key(const netns::Flow& flow) { return {flow.id, flow.opened}; }

  std::optional<Side> side(Ipv4Address address, FlowDirection direction, const netns::FlowEnds& ends, RuleAccess access);
  void forget_denied(FlowTime now);
  void tell(Known& known, const netns::Flow& now_is, FlowState state, FlowTime now);

  Model model_;
  std::string network_;
  std::optional<DecidingRules> rules_;
  std::map<Ipv4Address, Interface> interfaces_;  ///< those that are covered
  std::map<MacAddress, Ipv4Address> addresses_;  ///< of those
  std::unordered_map<Key, Known, Hash> flows_;
  std::deque<std::pair<FlowTime, Key>> due_;                                     ///< in the order of time: every flow waits equally long
  std::set<Denied> denied_;                                                      ///< told in the last minute
  std::deque<std::pair<FlowTime, std::set<Denied>::iterator>> denied_in_order_;  ///< of time
  std::vector<FlowEntry> entries_;
};

}  // namespace emu
