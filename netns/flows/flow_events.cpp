// SPDX-License-Identifier: Apache-2.0
#include "netns/flows/flow_events.hpp"

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <memory>
#include <utility>

#include "netns/base/error.hpp"
#include "netns/base/sysctl.hpp"
#include "netns/flows/event_socket.hpp"
#include "netns/flows/flow_messages.hpp"
#include "netns/netlink/socket.hpp"

namespace netns {
namespace {

/// Empty when the event says nothing that anybody wants to know.
std::optional<FlowEvent> parse_event(const nlmsghdr* message) {
  auto flow = parse_flow(message);
  if (!flow) return std::nullopt;
  if ((message->nlmsg_type & 0xffU) == IPCTNL_MSG_CT_DELETE) return FlowEvent{FlowEvent::Kind::Gone, *flow};
  if ((message->nlmsg_flags & NLM_F_CREATE) != 0) return FlowEvent{FlowEvent::Kind::Began, *flow};
  if (flow->over) return FlowEvent{FlowEvent::Kind::Over, *flow};
  return std::nullopt;
}

}  // namespace

/// One is told, the other asks.
struct FlowEvents::Sockets {
  explicit Sockets(const std::string& place)
      : events(open_event_socket(NF_NETLINK_CONNTRACK_NEW | NF_NETLINK_CONNTRACK_UPDATE | NF_NETLINK_CONNTRACK_DESTROY, place)),
        questions(NETLINK_NETFILTER, place) {}

  EventSocket events;
  Socket questions;
  std::vector<char> buffer;
};

FlowEvents::FlowEvents(const std::string& place) : sockets_(std::make_unique<Sockets>(place)) {
  write_sysctl("netfilter/nf_conntrack_acct", "1", place);
  write_sysctl("netfilter/nf_conntrack_events", "1", place);  // also of flows that begin while nobody listens
}

FlowEvents::~FlowEvents() = default;

int FlowEvents::fd() const { return mnl_socket_get_fd(sockets_->events.get()); }

std::vector<FlowEvent> FlowEvents::receive() {
  constexpr int kMostBuffers = 64;
  std::vector<FlowEvent> events;
  for (int i = 0; i < kMostBuffers; ++i) {
    std::size_t size = 0;
    const auto received = receive_events(sockets_->events, sockets_->buffer, size);
    if (received == Received::None) break;
    if (received == Received::Lost) lost_ = true;
    int left = static_cast<int>(size);
    for (auto* m = reinterpret_cast<const nlmsghdr*>(sockets_->buffer.data()); mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left))
      if (auto event = parse_event(m)) events.push_back(*event);
  }
  return events;
}

bool FlowEvents::take_lost() { return std::exchange(lost_, false); }

std::optional<Flow> FlowEvents::find(const Flow& flow) {
  try {
    std::optional<Flow> found;
    for_each_message(sockets_->questions.get(flow_request(IPCTNL_MSG_CT_GET, flow), "read a flow"),
                     [&](const nlmsghdr* message) { found = parse_flow(message); });
    return found && found->id == flow.id ? found : std::nullopt;
  } catch (const KernelError& error) {
    if (error.code() == std::errc::no_such_file_or_directory) return std::nullopt;
    throw;
  }
}

std::vector<Flow> FlowEvents::all() {
  std::vector<Flow> flows;
  for_each_message(sockets_->questions.dump(all_flows_request(), "read all flows"), [&](const nlmsghdr* message) {
    if (const auto flow = parse_flow(message)) flows.push_back(*flow);
  });
  return flows;
}

}  // namespace netns
