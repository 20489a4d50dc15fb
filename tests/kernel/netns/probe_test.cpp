// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <thread>

#include "netns/capture/packet_tap.hpp"
#include "netns/probe/echo.hpp"
#include "netns/probe/tcp.hpp"
#include "tests/kernel/netns/wire.hpp"
#include "tests/support/eventually.hpp"

using netns::Answer;
using netns::connect_tcp;
using netns::EnteredNamespace;
using netns::kProvesReply;
using netns::kProvesSilence;
using netns::Patience;
using netns::ping;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::uint32_t kProbeTag = 0xfeedbeef;
constexpr std::uint16_t kProbePort = 8080;

class Probe : public test::WireTest {
 protected:
  netns::ProbeAnswer ping_b(const Patience& patience) {
    const EnteredNamespace inside(topology_->name("a"));
    return ping(b_, kProbeTag, patience);
  }
  netns::ProbeAnswer connect_to_b(const Patience& patience) {
    const EnteredNamespace inside(topology_->name("a"));
    return connect_tcp(b_, kProbePort, kProbeTag, patience).answer;
  }
  /// Waits until a request comes to b from now on.
  bool b_was_asked() {
    netns::PacketTap tap(topology_->name("b"), {}, netns::requests_only());
    return test::eventually([&] { return tap.receive().has_value(); });
  }
};

}  // namespace

TEST_F(Probe, EchoIsSilenceWhereItIsDroppedAndAReplyWhereNot) {
  b_says("drop");
  const auto start = steady_clock::now();
  EXPECT_EQ(ping_b(kProvesSilence).answer, Answer::Silence);
  EXPECT_GE(steady_clock::now() - start, milliseconds{1000});
  EXPECT_LT(steady_clock::now() - start, milliseconds{2500});
  b_says("accept");
  const auto reply = ping_b(kProvesReply);
  EXPECT_EQ(reply.answer, Answer::Reply) << reply.detail;
  EXPECT_GT(reply.round_trip.count(), 0);
  EXPECT_LT(reply.round_trip, milliseconds{1000});
}

TEST_F(Probe, EchoTellsWhoSentAnIcmpError) {
  b_says("reject with icmp type admin-prohibited");
  const auto answer = ping_b(kProvesSilence);
  EXPECT_EQ(answer.answer, Answer::Unreachable);
  EXPECT_EQ(answer.detail, "ICMP communication administratively prohibited from 10.0.0.2");
}

TEST_F(Probe, EchoThatInsistsOutlivesAnError) {
  b_says("reject with icmp type host-unreachable");
  std::thread mend([this] {
    EXPECT_TRUE(b_was_asked());
    b_says("accept");
  });
  EXPECT_EQ(ping_b(kProvesReply).answer, Answer::Reply);
  mend.join();
}

TEST_F(Probe, WithoutARouteNothingIsSent) {
  const EnteredNamespace inside(topology_->name("a"));
  const auto echo = ping(netns::Ipv4Address{0xcb007101}, kProbeTag, kProvesSilence);
  EXPECT_EQ(echo.answer, Answer::Unreachable);
  EXPECT_EQ(echo.detail, "this node cannot send: Network is unreachable");
  const auto tcp = connect_tcp(netns::Ipv4Address{0xcb007101}, kProbePort, kProbeTag, kProvesSilence);
  EXPECT_EQ(tcp.answer.answer, Answer::Unreachable);
  EXPECT_EQ(tcp.answer.detail, "this node cannot send: Network is unreachable");
}

TEST_F(Probe, NobodyOnTheCableIsUnreachable) {
  const EnteredNamespace inside(topology_->name("a"));
  const auto echo = ping(netns::Ipv4Address{0x0a000063}, kProbeTag, {milliseconds{5000}, false});
  EXPECT_EQ(echo.answer, Answer::Unreachable);
  EXPECT_EQ(echo.detail, "ICMP host unreachable from 10.0.0.1");
}

TEST_F(Probe, ConnectionIsSilenceThenRefusedThenThere) {
  b_says("drop");
  EXPECT_EQ(connect_to_b(kProvesSilence).answer, Answer::Silence);
  b_says("accept");
  const auto refused = connect_to_b(kProvesSilence);
  EXPECT_EQ(refused.answer, Answer::Refused);
  EXPECT_EQ(refused.detail, "RST from 10.0.0.2");
  const auto server = listen("b", kProbePort);
  const auto open = connect_to_b(kProvesReply);
  EXPECT_EQ(open.answer, Answer::Reply) << open.detail;
  EXPECT_GT(open.round_trip.count(), 0);
}

TEST_F(Probe, PortUnreachableIsNotRst) {
  b_says("tcp dport 8080 reject with icmp type port-unreachable");
  const auto answer = connect_to_b(kProvesSilence);
  EXPECT_EQ(answer.answer, Answer::Unreachable);
  EXPECT_EQ(answer.detail, "ICMP port unreachable from 10.0.0.2");
}

TEST_F(Probe, ConnectionThatInsistsWaitsForAServerThatStarts) {
  EXPECT_EQ(connect_to_b(kProvesSilence).answer, Answer::Refused);
  netns::UniqueFd server;
  std::thread start([&] {
    EXPECT_TRUE(b_was_asked());
    server = listen("b", kProbePort);
  });
  EXPECT_EQ(connect_to_b(kProvesReply).answer, Answer::Reply);
  start.join();
}

TEST_F(Probe, InsistingEndsWithThePatience) {
  const auto start = steady_clock::now();
  EXPECT_EQ(connect_to_b({milliseconds{600}, true}).answer, Answer::Refused);
  EXPECT_LT(steady_clock::now() - start, milliseconds{2000});
  EXPECT_GE(steady_clock::now() - start, milliseconds{500});
}
