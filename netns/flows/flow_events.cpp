// SPDX-License-Identifier: Apache-2.0
#include "netns/flows/flow_events.hpp"

#include <arpa/inet.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>

#include <array>
#include <cerrno>
#include <memory>
#include <new>
#include <utility>

#include "netns/base/error.hpp"
#include "netns/base/sysctl.hpp"
#include "netns/flows/event_socket.hpp"
#include "netns/netlink/socket.hpp"

namespace netns {
namespace {

using Conntrack = std::unique_ptr<nf_conntrack, Releases<nfct_destroy>>;

Conntrack make_conntrack() {
  Conntrack made{nfct_new()};
  if (!made) throw std::bad_alloc();
  return made;
}

Ipv4Address address(const Conntrack& from, nf_conntrack_attr what) { return {ntohl(nfct_get_attr_u32(from.get(), what))}; }

std::uint16_t port(const Conntrack& from, nf_conntrack_attr what) {
  return nfct_attr_is_set(from.get(), what) > 0 ? ntohs(nfct_get_attr_u16(from.get(), what)) : std::uint16_t{0};
}

std::uint64_t count(const Conntrack& from, nf_conntrack_attr what) {
  return nfct_attr_is_set(from.get(), what) > 0 ? nfct_get_attr_u64(from.get(), what) : 0;
}

bool is_over(const Conntrack& from) {
  if (nfct_attr_is_set(from.get(), ATTR_TCP_STATE) <= 0) return false;
  const auto state = nfct_get_attr_u8(from.get(), ATTR_TCP_STATE);
  return state == TCP_CONNTRACK_TIME_WAIT || state == TCP_CONNTRACK_CLOSE;
}

/// Empty for what is not IPv4.
std::optional<Flow> parse_flow(const nlmsghdr* message) {
  const auto parsed = make_conntrack();
  if (nfct_nlmsg_parse(message, parsed.get()) < 0 || nfct_get_attr_u8(parsed.get(), ATTR_ORIG_L3PROTO) != AF_INET) return std::nullopt;
  Flow flow;
  flow.id = nfct_get_attr_u32(parsed.get(), ATTR_ID);
  flow.opened = {nfct_get_attr_u8(parsed.get(), ATTR_ORIG_L4PROTO), address(parsed, ATTR_ORIG_IPV4_SRC),
                 address(parsed, ATTR_ORIG_IPV4_DST), port(parsed, ATTR_ORIG_PORT_SRC), port(parsed, ATTR_ORIG_PORT_DST)};
  flow.delivered = flow.opened;
  flow.delivered.destination = address(parsed, ATTR_REPL_IPV4_SRC);
  flow.delivered.destination_port = port(parsed, ATTR_REPL_PORT_SRC);
  flow.echo_id = port(parsed, ATTR_ICMP_ID);
  flow.over = is_over(parsed);
  flow.sent = {count(parsed, ATTR_ORIG_COUNTER_PACKETS), count(parsed, ATTR_ORIG_COUNTER_BYTES)};
  flow.received = {count(parsed, ATTR_REPL_COUNTER_PACKETS), count(parsed, ATTR_REPL_COUNTER_BYTES)};
  return flow;
}

/// Empty when the event says nothing that anybody wants to know.
std::optional<FlowEvent> parse_event(const nlmsghdr* message) {
  auto flow = parse_flow(message);
  if (!flow) return std::nullopt;
  if ((message->nlmsg_type & 0xffU) == IPCTNL_MSG_CT_DELETE) return FlowEvent{FlowEvent::Kind::Gone, *flow};
  if ((message->nlmsg_flags & NLM_F_CREATE) != 0) return FlowEvent{FlowEvent::Kind::Began, *flow};
  if (flow->over) return FlowEvent{FlowEvent::Kind::Over, *flow};
  return std::nullopt;
}

Message question(int flags) {
  auto message = make_message((NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_GET, flags);
  nfgenmsg header{};
  header.nfgen_family = AF_INET;
  header.version = NFNETLINK_V0;
  append(message, header);
  return message;
}

/// The attributes that name `flow`.
Message question_about(const Flow& flow) {
  const auto named = make_conntrack();
  const auto& ends = flow.opened;
  nfct_set_attr_u8(named.get(), ATTR_ORIG_L3PROTO, AF_INET);
  nfct_set_attr_u8(named.get(), ATTR_ORIG_L4PROTO, ends.protocol);
  nfct_set_attr_u32(named.get(), ATTR_ORIG_IPV4_SRC, htonl(ends.source.value));
  nfct_set_attr_u32(named.get(), ATTR_ORIG_IPV4_DST, htonl(ends.destination.value));
  if (ends.protocol == IPPROTO_ICMP) {
    constexpr std::uint8_t kEchoRequest = 8;
    nfct_set_attr_u8(named.get(), ATTR_ICMP_TYPE, kEchoRequest);
    nfct_set_attr_u8(named.get(), ATTR_ICMP_CODE, 0);
    nfct_set_attr_u16(named.get(), ATTR_ICMP_ID, htons(flow.echo_id));
  } else {
    nfct_set_attr_u16(named.get(), ATTR_ORIG_PORT_SRC, htons(ends.source_port));
    nfct_set_attr_u16(named.get(), ATTR_ORIG_PORT_DST, htons(ends.destination_port));
  }
  std::array<char, 512> bytes{};
  auto* built = mnl_nlmsg_put_header(bytes.data());
  if (nfct_nlmsg_build(built, named.get()) < 0) throw std::bad_alloc();
  auto message = question(NLM_F_ACK);  // the answer is marked as one of several, and nothing marks the last
  if (nlmsg_append(message.get(), mnl_nlmsg_get_payload(built), mnl_nlmsg_get_payload_len(built), 0) < 0) throw std::bad_alloc();
  return message;
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
    for_each_message(sockets_->questions.get(question_about(flow), "read a flow"),
                     [&](const nlmsghdr* message) { found = parse_flow(message); });
    return found && found->id == flow.id ? found : std::nullopt;
  } catch (const KernelError& error) {
    if (error.code() == std::errc::no_such_file_or_directory) return std::nullopt;
    throw;
  }
}

std::vector<Flow> FlowEvents::all() {
  std::vector<Flow> flows;
  for_each_message(sockets_->questions.dump(question(0), "read all flows"), [&](const nlmsghdr* message) {
    if (const auto flow = parse_flow(message)) flows.push_back(*flow);
  });
  return flows;
}

}  // namespace netns
