// SPDX-License-Identifier: Apache-2.0
// netns/flows/flow_events.hpp — what connection tracking says of flows: as they come and go, and when it is asked.
//
// Theory of operation. The kernel sends an event about a flow when its first packet leaves the last hook: a packet that was dropped
// before is no flow. Events carry no counters but the last one, so whoever wants them before asks. TCP connections that are over are
// kept for two minutes more, for packets that come late; UDP and ICMP flows are over when nothing was seen for half a minute.
// Events wait in the socket's buffer; when it is full, the kernel drops them and says so, and only `all` tells what was missed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "netns/flows/flow.hpp"

namespace netns {

class FlowEvents {
 public:
  /// Listens from now on in the calling thread's namespace, and has flows counted there that begin from now on.
  /// @param place  the namespace's name, for messages
  /// @throws KernelError
  explicit FlowEvents(const std::string& place);
  ~FlowEvents();

  /// Readable when an event waits.
  int fd() const;

  /// The events that wait, in their order; a bounded number, so there may be more. Never waits itself.
  /// @throws KernelError
  std::vector<FlowEvent> receive();

  /// Whether events were lost since this was last called.
  bool take_lost();

  /// The flow as it is now; empty when it is gone. @throws KernelError
  std::optional<Flow> find(const Flow& flow);

  /// Every IPv4 flow there is. @throws KernelError
  std::vector<Flow> all();

 private:
  struct Sockets;

  std::unique_ptr<Sockets> sockets_;
  bool lost_ = false;
};

}  // namespace netns
