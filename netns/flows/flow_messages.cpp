// SPDX-License-Identifier: Apache-2.0
#include "netns/flows/flow_messages.hpp"

#include <arpa/inet.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <array>
#include <memory>
#include <new>

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

Message request(int operation, int flags) {
  auto message = make_message((NFNL_SUBSYS_CTNETLINK << 8) | operation, flags);
  nfgenmsg header{};
  header.nfgen_family = AF_INET;
  header.version = NFNETLINK_V0;
  append(message, header);
  return message;
}

}  // namespace

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
  flow.shown = address(parsed, ATTR_REPL_IPV4_DST);
  flow.echo_id = port(parsed, ATTR_ICMP_ID);
  flow.over = is_over(parsed);
  flow.sent = {count(parsed, ATTR_ORIG_COUNTER_PACKETS), count(parsed, ATTR_ORIG_COUNTER_BYTES)};
  flow.received = {count(parsed, ATTR_REPL_COUNTER_PACKETS), count(parsed, ATTR_REPL_COUNTER_BYTES)};
  return flow;
}

Message all_flows_request() { return request(IPCTNL_MSG_CT_GET, 0); }

Message flow_request(int operation, const Flow& flow, std::optional<std::uint32_t> mark) {
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
  if (mark) nfct_set_attr_u32(named.get(), ATTR_MARK, *mark);
  std::array<char, 512> bytes{};
  auto* built = mnl_nlmsg_put_header(bytes.data());
  if (nfct_nlmsg_build(built, named.get()) < 0) throw std::bad_alloc();
  auto message = request(operation, NLM_F_ACK);  // the answer is marked as one of several, and nothing marks the last
  if (nlmsg_append(message.get(), mnl_nlmsg_get_payload(built), mnl_nlmsg_get_payload_len(built), 0) < 0) throw std::bad_alloc();
  return message;
}

}  // namespace netns
