// SPDX-License-Identifier: Apache-2.0
#include "netns/flows/flow_events.hpp"

#include <gmock/gmock.h>
#include <netinet/in.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "netns/flows/flow_changes.hpp"
#include "netns/flows/packet_log.hpp"
#include "netns/namespace/namespace.hpp"
#include "tests/support/command.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/topology.hpp"

using netns::FlowEvent;
using netns::LoggedPacket;
using test::eventually;
using testing::IsEmpty;

namespace {

constexpr netns::Ipv4Address kA{0x0a000002};
constexpr netns::Ipv4Address kB{0x0a000102};

/// a 10.0.0.2 -- router -- b 10.0.1.2, and rules in the router
class Flows : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::may_make_namespaces()) GTEST_SKIP() << "needs root";
    topology_.emplace();
    for (const auto* node : {"a", "router", "b"}) topology_->add(node);
    topology_->connect("a", "eth0", "router", "to-a");
    topology_->connect("b", "eth0", "router", "to-b");
    topology_->ip("a", "addr add 10.0.0.2/24 dev eth0");
    topology_->ip("router", "addr add 10.0.0.1/24 dev to-a");
    topology_->ip("router", "addr add 10.0.1.1/24 dev to-b");
    topology_->ip("b", "addr add 10.0.1.2/24 dev eth0");
    topology_->ip("a", "route add default via 10.0.0.1");
    topology_->ip("b", "route add default via 10.0.1.1");
    topology_->forward("router", true);
  }

  /// @param rule  for what `ct state new` is forwarded
  void load(const std::string& rule) {
    topology_->nft("router", "table inet t {\n chain forward {\n  type filter hook forward priority 0\n  ct state established accept\n  " +
                                 rule + "\n }\n}\n");
  }

  void ping() const { test::run({"ip", "netns", "exec", topology_->name("a"), "ping", "-c", "1", "-W", "1", "10.0.1.2"}); }

  /// A connection to a port where nobody listens: refused, so it is over at once.
  void connect() const { test::run({"ip", "netns", "exec", topology_->name("a"), "curl", "-s", "-m", "1", "http://10.0.1.2/"}); }

  template <typename T, typename... Arguments>
  std::unique_ptr<T> in_router(Arguments... arguments) const {
    const netns::EnteredNamespace inside(topology_->name("router"));
    return std::make_unique<T>(arguments..., topology_->name("router"));
  }

  static std::optional<FlowEvent> wait_for(netns::FlowEvents& events, FlowEvent::Kind kind, std::uint8_t protocol) {
    std::optional<FlowEvent> found;
    eventually([&] {
      for (const auto& event : events.receive())
        if (event.kind == kind && event.flow.opened.protocol == protocol) found = event;
      return found.has_value();
    });
    return found;
  }

  std::optional<test::Topology> topology_;
};

TEST_F(Flows, BeginWhenTheirFirstPacketGotThrough) {
  load("icmp type echo-request drop");
  const auto events = in_router<netns::FlowEvents>();
  ping();
  EXPECT_THAT(events->receive(), IsEmpty()) << "what is dropped is no flow";
  load("accept");
  ping();
  const auto began = wait_for(*events, FlowEvent::Kind::Began, IPPROTO_ICMP);
  ASSERT_TRUE(began);
  EXPECT_EQ(began->flow.opened, (netns::FlowEnds{IPPROTO_ICMP, kA, kB, 0, 0}));
  const auto found = events->find(began->flow);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->sent, (netns::FlowCount{1, 84}));
  EXPECT_EQ(found->received, (netns::FlowCount{1, 84}));
}

// The kernel forgets at once what was refused before it was answered.
TEST_F(Flows, AreGoneWhenAConnectionIsRefused) {
  load("accept");
  const auto events = in_router<netns::FlowEvents>();
  connect();
  const auto gone = wait_for(*events, FlowEvent::Kind::Gone, IPPROTO_TCP);
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->flow.opened.destination_port, 80);
  EXPECT_EQ(gone->flow.sent.packets, 1U);
  EXPECT_EQ(events->find(gone->flow), std::nullopt);
  EXPECT_THAT(events->all(), IsEmpty());
}

TEST_F(Flows, SayWhereATranslatedPacketWent) {
  topology_->nft("router",
                 "table ip n {\n chain pre {\n  type nat hook prerouting priority dstnat\n  ip daddr 10.9.9.9 dnat to 10.0.1.2\n }\n}\n");
  const auto events = in_router<netns::FlowEvents>();
  test::run({"ip", "netns", "exec", topology_->name("a"), "ping", "-c", "1", "-W", "1", "10.9.9.9"});
  const auto began = wait_for(*events, FlowEvent::Kind::Began, IPPROTO_ICMP);
  ASSERT_TRUE(began);
  EXPECT_EQ(began->flow.opened.destination, netns::Ipv4Address::parse("10.9.9.9"));
  EXPECT_EQ(began->flow.delivered.destination, kB);
}

TEST_F(Flows, ThatARuleLogsAreHandedOver) {
  load("log prefix \"x\" group 7\n  drop");
  const auto log = in_router<netns::PacketLog>(std::uint16_t{7});
  const auto other = in_router<netns::PacketLog>(std::uint16_t{8});
  connect();
  std::vector<LoggedPacket> packets;
  ASSERT_TRUE(eventually([&] {
    packets = log->receive();
    return !packets.empty();
  }));
  EXPECT_EQ(packets[0].prefix, "x");
  EXPECT_EQ(packets[0].ends.source, kA);
  EXPECT_EQ(packets[0].ends.destination_port, 80);
  EXPECT_NE(packets[0].sender, netns::MacAddress{});
  EXPECT_THAT(other->receive(), IsEmpty());
  EXPECT_FALSE(log->take_lost());
}

// A flow of ICMP is known by its identifier, so one `ping -e` goes on with another's.
TEST_F(Flows, AreMarkedForRulesToSee) {
  topology_->nft("router", "table inet t {\n chain forward {\n  type filter hook forward priority 0\n  ct mark 7 drop\n  accept\n }\n}\n");
  const auto answered = [&](const std::string& id) {
    return test::run({"ip", "netns", "exec", topology_->name("a"), "ping", "-e", id, "-c", "1", "-W", "1", "10.0.1.2"}).status == 0;
  };
  ASSERT_TRUE(answered("77"));
  ASSERT_TRUE(answered("78"));
  const auto with_id = [](std::uint16_t id) { return [=](const netns::Flow& flow) { return flow.echo_id == id; }; };
  EXPECT_EQ(netns::mark_flows(topology_->name("router"), 7, with_id(79)), 0U);
  EXPECT_EQ(netns::mark_flows(topology_->name("router"), 7, with_id(77)), 1U);
  EXPECT_FALSE(answered("77"));
  EXPECT_TRUE(answered("78"));
  EXPECT_EQ(netns::mark_flows(topology_->name("router"), 0, with_id(77)), 1U);
  EXPECT_TRUE(answered("77"));
}

TEST_F(Flows, ThatAreForgottenBeginAnew) {
  topology_->nft("router",
                 "table ip n {\n chain pre {\n  type nat hook prerouting priority dstnat\n  ip daddr 10.9.9.9 dnat to 10.0.1.2\n }\n}\n");
  const auto answered = [&](const std::string& id) {
    return test::run({"ip", "netns", "exec", topology_->name("a"), "ping", "-e", id, "-c", "1", "-W", "1", "10.9.9.9"}).status == 0;
  };
  ASSERT_TRUE(answered("77"));
  ASSERT_TRUE(answered("78"));
  // Without any rule left the kernel would translate nothing at all.
  topology_->nft("router",
                 "table ip n {\n chain pre {\n  type nat hook prerouting priority dstnat\n  ip daddr 10.8.8.8 dnat to 10.0.1.2\n }\n}\n");
  EXPECT_TRUE(answered("77")) << "a known flow keeps its translation";
  std::vector<netns::Ipv4Address> shown;
  const auto selects = [&](const netns::Flow& flow) {
    shown.push_back(flow.shown);
    return flow.echo_id == 77;
  };
  EXPECT_EQ(netns::forget_flows(topology_->name("router"), selects), 1U);
  EXPECT_THAT(shown, testing::Each(kA)) << "nothing translates the source";
  EXPECT_FALSE(answered("77"));
  EXPECT_TRUE(answered("78")) << "others go on";
}

}  // namespace
